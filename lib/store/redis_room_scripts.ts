import { redisScript } from "../redis/redis_script.ts";
import { OPEN, RECORD, STANDING } from "./redis_lua.ts";

/**
 * Reads a room's record, and one person's standing in it.
 *
 * KEYS: room, people. ARGV after those of OPEN: 7 the person or nothing. Returns epoch, head, name, visibility,
 * password, time of the last activity; and the standing.
 */
export const ROOM = redisScript(`${OPEN}${RECORD}
local epoch, head = open(false)
return {record(epoch, head), ARGV[7] ~= '' and redis.call('HGET', KEYS[2], ARGV[7])}
`);

/**
 * Makes a room and its owner's membership, if there is none.
 *
 * KEYS: room, people, members, banned. ARGV after those of OPEN: 7 name, 8 visibility, 9 "=" and the password's hash
 * or nothing, 10 the time, 11 the owner or nothing, 12 the owner's name, 13 a stamp. Returns whether it was made, the
 * record, and the owner's standing.
 */
export const CREATE_ROOM = redisScript(`local people, members, banned = KEYS[2], KEYS[3], KEYS[4]
${OPEN}${RECORD}${STANDING}
local isThere = redis.call('HEXISTS', KEYS[1], 'name') == 1
local epoch, head = open(true)
local owner
if not isThere then
  if ARGV[11] ~= '' then
    local from = standing(ARGV[11])
    local to = from and standing(ARGV[11]) or fresh(ARGV[12])
    to.name, to.role = ARGV[12], '1'
    owner = change(ARGV[11], from, to, number(head), ARGV[13])
  end
  -- All of it or nothing, and also that there is no password: half of an earlier try may come before it.
  local record = {'name', ARGV[7], 'visibility', ARGV[8], 'active', ARGV[10], 'password', string.sub(ARGV[9], 2)}
  redis.call('HSET', KEYS[1], unpack(record))
end
return {isThere and 0 or 1, record(epoch, head), owner or false}
`);

/**
 * Changes a room's record.
 *
 * KEYS: room. ARGV after those of OPEN: 7 to 9 name, visibility, and the password's hash, each behind "=", or nothing
 * to keep it; a password of "-" takes it away. Returns the record, without a name if there is no room.
 */
export const UPDATE_ROOM = redisScript(`${OPEN}${RECORD}
local epoch, head = open(false)
if redis.call('HEXISTS', KEYS[1], 'name') == 1 then
  for i, field in ipairs({'name', 'visibility', 'password'}) do
    local to = ARGV[6 + i]
    if to ~= '' then redis.call('HSET', KEYS[1], field, string.sub(to, 2)) end
  end
end
return record(epoch, head)
`);

/** Takes an entry from a sorted set if it has not been given another score. KEYS: the set. ARGV: entry, score. */
export const DROP = redisScript(`
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score and tonumber(score) == tonumber(ARGV[2]) then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
`);

/**
 * Remembers a person. KEYS: the person. ARGV: name, time of the last visit. Returns nothing if nothing changes, else a
 * list with the name of before, if there was one.
 */
export const PUT_PERSON = redisScript(`
local known = redis.call('HMGET', KEYS[1], 'name', 'seen')
if known[1] == ARGV[1] and known[2] == ARGV[2] then return false end
redis.call('HSET', KEYS[1], 'name', ARGV[1], 'seen', ARGV[2])
return {known[1]}
`);
