import { redisScript } from "../redis/redis_script.ts";

/**
 * Adds documents to the index of searches, and notes up to which message a room is in it.
 *
 * KEYS: room. ARGV: 1 the epoch of the log, 2 up to where it was indexed, 3 up to where it is then, 4 the room, then for
 * each document: key, time, pieces. Does nothing if the log is another one by now, or somebody else was faster.
 */
export const PUT_DOCUMENTS = redisScript(`
local known = redis.call('HMGET', KEYS[1], 'epoch', 'indexed')
if known[1] ~= ARGV[1] or (known[2] or '0') ~= ARGV[2] then return end
for i = 5, #ARGV, 3 do
  redis.call('HSET', ARGV[i], 'r', ARGV[4], 't', ARGV[i + 1], 'g', ARGV[i + 2])
end
redis.call('HSET', KEYS[1], 'indexed', ARGV[3])
`);
