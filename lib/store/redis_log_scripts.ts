import { redisScript } from "../redis/redis_script.ts";
import { FORGET, NUMBER, OPEN, READ } from "./redis_lua.ts";
import { UNWRITTEN } from "./redis_writing.ts";

/** How many arguments {@linkcode APPEND} takes before those of the drafts, and how many for each of them. */
const FIRST_ARGUMENTS = 12;
const DRAFT_ARGUMENTS = 6;

/** The length of the texts that are published, in bytes, from which the next message begins another. */
const LETTER_LENGTH = 65_536;

/**
 * Appends a batch to one log, and publishes what is new.
 *
 * KEYS: room, log, sent, people. ARGV after those of OPEN: 7 channel, 8 how letters begin, 9 to 12 those of FORGET,
 * then for each draft: key for de-duplication or nothing, user, time, length, text before the number, text after it.
 * Returns for each draft its number, or number and time of the first one; and the letters that were not published, as
 * Redis is in a sync of its file and answers before it writes. What was there already is published again: whoever sent
 * it may have ended before the letter was.
 */
export const APPEND = redisScript(`local log, sent, people = KEYS[2], KEYS[3], KEYS[4]
${OPEN}${FORGET}
local epoch, head, lives = open(true)
local life = string.match(lives, '(%d+):%d+$')
-- What may be left of another life would be in the way.
if head == 0 then redis.call('DEL', log, sent) end
local replies, letter, length, held, authors, active = {}, {}, 0, {}, {}, nil
local about = redis.pcall('INFO', 'persistence')
local isHeldUp = type(about) == 'string' and string.find(about, '${UNWRITTEN}', 1, true)
local function publish()
  if #letter == 0 then return end
  local text = ARGV[8] .. table.concat(letter, ',') .. ']}'
  if isHeldUp then held[#held + 1] = text else redis.call('PUBLISH', ARGV[7], text) end
  letter, length = {}, 0
end
local function tell(text)
  letter[#letter + 1], length = text, length + #text
  if length >= ${LETTER_LENGTH} then publish() end
end
local function find(id)
  local place = redis.call('HGET', sent, id)
  if not place then return nil end
  -- What Redis did by half is known here, and is not in the log.
  local seq = tonumber(string.match(place, '^%d+'))
  local entry = seq <= head and read(split(lives), seq, seq, 1)[1]
  if entry and entry[2][8] == id then return place, entry[2][2] end
end
for i = ${FIRST_ARGUMENTS + 1}, #ARGV, ${DRAFT_ARGUMENTS} do
  local id, time = ARGV[i], ARGV[i + 2]
  local earlier, told
  if id ~= '' then earlier, told = find(id) end
  if earlier then
    replies[#replies + 1] = earlier
    tell(told)
  else
    head = head + 1
    local seq = number(head)
    local text = ARGV[i + 4] .. seq .. ARGV[i + 5]
    redis.call('XADD', log, life .. '-' .. seq, 'm', text, 't', time, 'l', ARGV[i + 3], 'k', id)
    if id ~= '' then redis.call('HSET', sent, id, seq .. ' ' .. time) end
    replies[#replies + 1] = seq
    authors[ARGV[i + 1]], active = seq, time
    tell(text)
  end
end
publish()
if active then
  redis.call('HSET', KEYS[1], 'head', number(head), 'active', active)
  for user, seq in pairs(authors) do
    local author = redis.call('HGET', people, user)
    if author and string.sub(author, 1, 1) ~= '0' then
      local front, name = string.match(author, '^(%d+ %d+ %d+ %d+ %d+) %d+ %d+ (.*)$')
      redis.call('HSET', people, user, front .. ' ' .. seq .. ' ' .. seq .. ' ' .. name)
    end
  end
  if ARGV[9] ~= 'inf' or ARGV[10] ~= '-inf' then forget(split(lives), head, 9, math.min(100, 2 * #replies)) end
end
return {epoch, number(head), replies, held}
`);

/**
 * Reads a piece of a log.
 *
 * KEYS: room, log. ARGV after those of OPEN: 7 after or nothing, 8 before or nothing, 9 limit, 10 the length of the
 * contents together, 11 the messages kept for reads, 12 the time up to which they are too old, 13 the time of the newest
 * that is wanted. Returns epoch, head, first, whether there is more, and the messages in the order in which they were read.
 */
export const PAGE = redisScript(`local log = KEYS[2]
${OPEN}${READ}
local epoch, head, known = open(false)
if not epoch then return {'', '0', '1', 0, {}} end
local lives = split(known)
local function oldestFrom(seq) return seq <= head and read(lives, seq, head, 1)[1] end
local first = math.max(1, head - tonumber(ARGV[11]) + 1)
local oldest = oldestFrom(first)
first = oldest and seqOf(oldest) or head + 1
local function firstNewer(time)
  if not oldest or tonumber(oldest[2][4]) > time then return first end
  local old, new = first, head + 1
  while new - old > 1 do
    local middle = math.floor((old + new) / 2)
    local entry = oldestFrom(middle)
    if not entry or tonumber(entry[2][4]) > time then new = middle else old = seqOf(entry) end
  end
  return new
end
local newest = ARGV[13] ~= 'inf' and firstNewer(tonumber(ARGV[13])) - 1 or head
if ARGV[12] ~= '-inf' then
  oldest = oldestFrom(firstNewer(tonumber(ARGV[12])))
  first = oldest and seqOf(oldest) or head + 1
end
local isForward, limit, room = ARGV[7] ~= '', tonumber(ARGV[9]), tonumber(ARGV[10])
local from = isForward and math.max(first, tonumber(ARGV[7]) + 1) or first
local to = ARGV[8] ~= '' and math.min(newest, tonumber(ARGV[8]) - 1) or newest
local messages, length, more, isDone = {}, 0, 0, false
while from <= to and not isDone do
  local size = math.min(64, limit - #messages + 1)
  local entries = isForward and read(lives, from, to, size) or read(lives, to, from, size)
  isDone = #entries == 0
  for _, entry in ipairs(entries) do
    length = length + tonumber(entry[2][6])
    if #messages >= limit or (#messages > 0 and length > room) then
      more, isDone = 1, true
      break
    end
    messages[#messages + 1] = entry[2][2]
    if isForward then from = seqOf(entry) + 1 else to = seqOf(entry) - 1 end
  end
end
return {epoch, number(head), number(first), more, messages}
`);

/**
 * Reads single messages of a log.
 *
 * KEYS: room, log. ARGV after those of OPEN: 7 the messages kept for reads, 8 the time up to which they are too old, then
 * the numbers of the messages. Returns one for each of them; nothing for those that are not there for reads.
 */
export const MESSAGES = redisScript(`local log = KEYS[2]
${OPEN}${READ}
local epoch, head, known = open(false)
local texts, lives = {}, split(known or '')
for i = 9, #ARGV do
  local seq = tonumber(ARGV[i])
  local isKept = seq <= head and seq > head - tonumber(ARGV[7])
  local entry = isKept and read(lives, seq, seq, 1)[1]
  texts[#texts + 1] = entry and tonumber(entry[2][4]) > tonumber(ARGV[8]) and entry[2][2] or ''
end
return texts
`);

/**
 * Takes a step of forgetting in one log.
 *
 * KEYS: room, log, sent. ARGV: 1 to 4 those of FORGET, 5 how many to forget at most. Returns whether there is more to
 * do, what is known of the oldest message that stays, and when the last one came.
 */
export const RETAIN = redisScript(`local log, sent = KEYS[2], KEYS[3]
${NUMBER}${FORGET}
local room = redis.call('HMGET', KEYS[1], 'head', 'active', 'lives')
local more, rest = forget(split(room[3] or ''), tonumber(room[1] or '0'), 1, tonumber(ARGV[5]))
return {more, rest, room[2] or '0'}
`);
