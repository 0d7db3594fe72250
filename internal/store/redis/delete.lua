-- Removes the document whose revision is given. Answers 1, or 0 if the
-- document has another revision or is not there. KEYS as in put.lua; ARGV: the
-- name; the revision; 1 if an earlier attempt removed it, so that it is gone.
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored and ARGV[3] == '1' then
  redis.call('INCR', KEYS[3]) -- a write, for waiting for a replica to cover
  return 1
end
if not stored or string.match(stored, '^(%d+) ') ~= ARGV[2] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
