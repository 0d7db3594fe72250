-- Takes or renews a lease, unless another server has it. Answers {who has it, 1
-- if another had it since this one last did}. The term of lead.lua is what
-- fences a server off; the lease only says who is to try.
-- KEYS: who has it, which expires; who had it last. ARGV: who asks; for how many ms.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return {holder, 0}
end
local anew = 0
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[1])
  anew = 1
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {ARGV[1], anew}
