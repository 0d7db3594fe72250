-- Writes a meeting's epoch again as it is, so that waiting for a replica covers
-- all that the log has. Answers the position the log ends at.
-- KEYS: the log; the newest epoch seen.
local newest = redis.call('GET', KEYS[2])
if newest then
  redis.call('SET', KEYS[2], newest)
end
return redis.call('LLEN', KEYS[1])
