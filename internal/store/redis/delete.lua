-- Removes the document whose revision is given. Answers 1, or 0 if the
-- document has another revision or is not there. KEYS and ARGV as in put.lua.
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored or string.match(stored, '^(%d+) ') ~= ARGV[2] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
