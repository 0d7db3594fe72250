-- Adds events to a log, all or none. Answers {verdict, position the log ends at}.
-- KEYS: the log, a list whose n-th member is event n; the newest epoch seen.
-- ARGV: the epoch, 20 digits; the position of the first event; the events.
local TAKEN, FENCED, GAP = 0, 1, 2
local newest = redis.call('GET', KEYS[2])
local last = redis.call('LLEN', KEYS[1])
if newest and ARGV[1] < newest then
  return {FENCED, last}
end

local first, count = tonumber(ARGV[2]), #ARGV - 2
if first == last + 1 then
  for i = 3, #ARGV, 1000 do -- unpack has room for 8000
    redis.call('RPUSH', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
  end
else
  -- The very same events again are a retry whose first answer was lost.
  if first < 1 or first + count - 1 > last then
    return {GAP, last}
  end
  local stored = redis.call('LRANGE', KEYS[1], first - 1, first + count - 2)
  for i = 1, count do
    if stored[i] ~= ARGV[i + 2] then
      return {GAP, last}
    end
  end
end
-- Also for a retry: waiting for a replica covers what this connection wrote last.
redis.call('SET', KEYS[2], ARGV[1])
return {TAKEN, last}
