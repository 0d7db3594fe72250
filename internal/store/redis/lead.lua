-- Begins a new term as a meeting's leader, or confirms one. Answers the epoch,
-- all zeros if a newer term has begun.
-- KEYS: the newest epoch seen. ARGV: the epoch, 20 digits; zeros begin a term.
local NONE = string.rep('0', 20)
local newest = redis.call('GET', KEYS[1]) or NONE
if ARGV[1] == NONE then
  local next = string.format('%020.0f', tonumber(newest) + 1)
  redis.call('SET', KEYS[1], next)
  return next
end
if ARGV[1] < newest then
  return NONE
end
return ARGV[1]
