-- Replaces the document whose revision is given, or makes it if that is 0.
-- Answers the new revision, 0 if the document has another one. The revision an
-- earlier attempt was given, if it is still there, is written again and answered.
-- KEYS: the documents, a hash of "revision body"; their names, a sorted set;
-- the newest revision of all. ARGV: the name; the revision; the body; the
-- revision an earlier attempt was given, else 0.
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local revision = '0'
if stored then
  revision = string.match(stored, '^(%d+) ')
  if not revision then
    return redis.error_reply('DAMAGED document')
  end
end
if revision ~= '0' and revision == ARGV[4] then
  redis.call('HSET', KEYS[1], ARGV[1], stored)
  return tonumber(revision)
end
if revision ~= ARGV[2] then
  return 0
end
local next = redis.call('INCR', KEYS[3])
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', next) .. ' ' .. ARGV[3])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return next
