import { redisScript } from "../redis/redis_script.ts";
import { OPEN, STANDING } from "./redis_lua.ts";

/**
 * Changes a standing, or makes one.
 *
 * KEYS: room, people, members, banned. ARGV after those of OPEN: 7 person, 8 name, 9 whether to rename who has a
 * standing, 10 role ("join" for a member, if none yet), 11 whether invited, 12 banned until, 13 muted until, each or
 * nothing to keep it, 14 a stamp. Returns what it was before, or nothing, and what it is now.
 */
export const CHANGE = redisScript(`local people, members, banned = KEYS[2], KEYS[3], KEYS[4]
${OPEN}${STANDING}
local _, head = open(false)
local user, stamp = ARGV[7], ARGV[14]
local from, to = standing(user), standing(user) or fresh(ARGV[8])
local before = redis.call('HGET', people, user)
if ARGV[9] == '1' then to.name = ARGV[8] end
if ARGV[10] == 'join' then
  if to.role == '0' then to.role = '3' end
elseif ARGV[10] ~= '' then to.role = ARGV[10] end
if ARGV[11] == '0' then to.invited = '0'
elseif ARGV[11] == '1' and to.invited == '0' then to.invited = stamp end
if ARGV[12] ~= '' then to.banned = ARGV[12] end
if ARGV[13] ~= '' then to.muted = ARGV[13] end
return {before, change(user, from, to, number(head), stamp)}
`);

/**
 * Takes a person's role and invitation. KEYS: room, people, members, banned. ARGV: the person. Returns what the
 * standing was before, or nothing.
 */
export const REMOVE = redisScript(`local people, members, banned = KEYS[2], KEYS[3], KEYS[4]
${STANDING}
local user = ARGV[1]
local from, to = standing(user), standing(user)
if not from then return false end
local before = redis.call('HGET', people, user)
to.role, to.invited = '0', '0'
if to.banned == '0' and to.muted == '0' then to = nil end
put(user, from, to)
return before
`);

/**
 * Moves cursors forward. KEYS: room, people. ARGV after those of OPEN, for each: person, delivered, read. Returns for
 * each whether it moved.
 */
export const ADVANCE = redisScript(`local people = KEYS[2]
${OPEN}${STANDING}
local _, head = open(false)
local moved = {}
for i = 7, #ARGV, 3 do
  local to = standing(ARGV[i])
  local isMoved = false
  if to and to.role ~= '0' then
    local read = math.min(tonumber(ARGV[i + 2]), head)
    local delivered = math.max(math.min(tonumber(ARGV[i + 1]), head), read)
    if read > tonumber(to.read) then to.read, isMoved = number(read), true end
    if delivered > tonumber(to.delivered) then to.delivered, isMoved = number(delivered), true end
    if isMoved then keep(ARGV[i], to) end
  end
  moved[#moved + 1] = isMoved and 1 or 0
end
return moved
`);

/**
 * Lists members in their order, passing over what a half-done change has left in the list. KEYS: people, members. ARGV:
 * limit. Returns persons and standings by turns.
 */
export const MEMBERS = redisScript(`
local found = {}
for _, entry in ipairs(redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1)) do
  local user = string.sub(entry, string.find(entry, '\\0', 1, true) + 1)
  local text = redis.call('HGET', KEYS[1], user)
  local name = text and string.match(text, '^[1-9]%d* %d+ %d+ %d+ %d+ %d+ %d+ (.*)$')
  if name and name .. '\\0' .. user == entry then
    found[#found + 1] = user
    found[#found + 1] = text
  end
end
return found
`);

/** How many bans are looked at for one list, those that have run out included. */
const MAX_BANS = 5000;

/**
 * Lists who is banned, by name, and takes those from the list whose ban has run out. KEYS: people, banned. ARGV: the
 * time, limit. Returns persons and standings by turns.
 */
export const BANNED = redisScript(`
local found, over, low = {}, {}, 0
while #found < 2 * tonumber(ARGV[2]) and low < ${MAX_BANS} do
  local entries = redis.call('ZRANGE', KEYS[2], low, low + 99)
  if #entries == 0 then break end
  low = low + #entries
  for _, entry in ipairs(entries) do
    local user = string.sub(entry, string.find(entry, '\\0', 1, true) + 1)
    local text = redis.call('HGET', KEYS[1], user)
    local untilTime = text and tonumber(string.match(text, '^%d+ %d+ (%d+)'))
    if not untilTime or untilTime <= tonumber(ARGV[1]) then over[#over + 1] = entry
    elseif #found < 2 * tonumber(ARGV[2]) then
      found[#found + 1] = user
      found[#found + 1] = text
    end
  end
end
for _, entry in ipairs(over) do redis.call('ZREM', KEYS[2], entry) end
return found
`);
