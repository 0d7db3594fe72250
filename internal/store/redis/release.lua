-- Gives a lease back, if the server that asks has it. Answers 1 if it had.
-- KEYS: who has it. ARGV: who asks.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
