/** Writes a number as Redis takes it; Lua's own way rounds the long ones. */
export const NUMBER = `
local function number(value) return string.format('%.0f', value) end
`;

/** How much of a run's name tells it from others. */
export const RUN_LENGTH = 8;
/** Runs of Redis of which it is kept what each found of a log: few enough that a room stays small. */
const MAX_RUNS = 4;

/**
 * Finds where a room's log stands, and gives it a new epoch if some of it is lost.
 *
 * It is lost when a node has seen a higher head in the same epoch, whatever was written since a later run of Redis found
 * less, or when another run of Redis may not have all that the one before it had acknowledged (`ARGV[3]` other than 1).
 *
 * What one run of Redis writes is a life of the log, which is part of the ids in the stream. A file that ends within a
 * transaction is cut there, and has Redis do half of it the next time it reads the file, before all that was written
 * since (valkey-io/valkey#4342): in a life that is over it is in nobody's way, and nobody reads it. Lives are kept as
 * `number:first message`, oldest first. What such a half may have changed of the room is written again; to delete what
 * is not there would not be written to the file at all.
 *
 * KEYS[1]: the room. ARGV: 1 an epoch to use, 2 the run of Redis, 3 whether it has all that those before it had, 4 the
 * epoch that the caller has seen last, 5 its head then, a blank, and how the name of the run begins in which that was,
 * 6 a number for a life, higher than any given in an earlier run. Returns epoch, head, and the log's lives.
 */
export const OPEN = `${NUMBER}
local function open(creates)
  local known = redis.call('HMGET', KEYS[1], 'epoch', 'head', 'run', 'found', 'lives')
  local epoch, head, run, lives = known[1], tonumber(known[2] or '0'), known[3], known[5]
  if not epoch then
    if not creates then return false, 0 end
    lives = ARGV[6] .. ':1'
    redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'head', '0', 'run', ARGV[2], 'lives', lives)
    return ARGV[1], 0, lives
  end
  local found, isOtherRun = known[4] or '', ARGV[2] ~= '' and run ~= ARGV[2]
  if isOtherRun then
    local _, runs = string.gsub(found, ':', '')
    if runs == ${MAX_RUNS} then found = string.match(found, ' (.*)') end
    found = found .. (runs > 0 and ' ' or '') .. string.sub(ARGV[2], 1, ${RUN_LENGTH}) .. ':' .. number(head)
    local earlier, life, first = string.match(lives, '^(.-)(%d+):(%d+)$')
    local isEmpty = tonumber(first) > head
    life = number(math.max(tonumber(ARGV[6]), tonumber(life) + 1)) .. ':' .. number(head + 1)
    lives = isEmpty and earlier .. life or lives .. ' ' .. life
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'head', number(head), 'run', ARGV[2], 'found', found, 'lives', lives)
  end
  local seen, seenIn = string.match(ARGV[5], '^(%d+) (.*)$')
  local least = head
  for name, start in string.gmatch(found, '(%S*):(%d+)') do
    least = name == seenIn and head or math.min(least, tonumber(start))
  end
  if (isOtherRun and ARGV[3] ~= '1') or (epoch == ARGV[4] and least < tonumber(seen)) then
    epoch = ARGV[1]
    redis.call('HSET', KEYS[1], 'epoch', epoch)
  end
  return epoch, head, lives
end
`;

/**
 * Finds messages in a log by their numbers, in the lives that {@linkcode OPEN} tells of.
 *
 * The key `log` is to be there.
 */
export const READ = `
local function split(text)
  local lives = {}
  for name, first in string.gmatch(text, '(%d+):(%d+)') do lives[#lives + 1] = {name = name, first = tonumber(first)} end
  return lives
end
local function join(lives, from)
  local texts = {}
  for i = from, #lives do texts[#texts + 1] = lives[i].name .. ':' .. number(lives[i].first) end
  return table.concat(texts, ' ')
end
local function at(lives, seq)
  local i = #lives
  while i > 1 and seq < lives[i].first do i = i - 1 end
  return i
end
local function idIn(life, seq) return life.name .. '-' .. number(seq) end
local function seqOf(entry) return tonumber(string.match(entry[1], '%d+$')) end
-- The next few on the way from one number to another, forward or backward; none if none are left.
local function read(lives, from, to, size)
  local isForward, last = from <= to, at(lives, to)
  local command, step = isForward and 'XRANGE' or 'XREVRANGE', isForward and 1 or -1
  for i = at(lives, from), last, step do
    local stop = i == last and to or isForward and lives[i + 1].first - 1 or lives[i].first
    local entries = redis.call(command, log, idIn(lives[i], from), idIn(lives[i], stop), 'COUNT', size)
    if #entries > 0 then return entries end
    from = stop + step
  end
  return {}
end
`;

/** Tells what a room's record says, after {@linkcode OPEN}. */
export const RECORD = `
local function record(epoch, head)
  local kept = redis.call('HMGET', KEYS[1], 'name', 'visibility', 'password', 'active')
  return {epoch or '', number(head), kept[1], kept[2], kept[3], kept[4]}
end
`;

/**
 * Reads and writes standings; a role is 0 for none, else its rank from 1.
 *
 * The key `people` is to be there, and where lists change `members` and `banned`.
 */
export const STANDING = `
local function standing(user)
  local text = redis.call('HGET', people, user)
  if not text then return nil end
  local role, invited, banned, muted, joined, delivered, read, name =
    string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (.*)$')
  return {role = role, invited = invited, banned = banned, muted = muted, joined = joined,
    delivered = delivered, read = read, name = name}
end
local function keep(user, to)
  local text = table.concat({to.role, to.invited, to.banned, to.muted, to.joined, to.delivered, to.read, to.name}, ' ')
  redis.call('HSET', people, user, text)
  return text
end
local function entry(user, of, rank) return of and of[rank] ~= '0' and of.name .. '\\0' .. user end
-- If only half of it is done, lists hold too much rather than too little.
local function put(user, from, to)
  local ranks, text = {[members] = 'role', [banned] = 'banned'}, nil
  for key, rank in pairs(ranks) do
    local new = entry(user, to, rank)
    if new then redis.call('ZADD', key, rank == 'role' and to.role or '0', new) end
  end
  if to then text = keep(user, to) else redis.call('HDEL', people, user) end
  for key, rank in pairs(ranks) do
    local old = entry(user, from, rank)
    if old and old ~= entry(user, to, rank) then redis.call('ZREM', key, old) end
  end
  return text
end
local function change(user, from, to, head, stamp)
  if to.role ~= '0' and not (from and from.role ~= '0') then
    to.joined, to.delivered, to.read = stamp, head, head
  end
  return put(user, from, to)
end
local function fresh(name)
  return {role = '0', invited = '0', banned = '0', muted = '0', joined = '0', delivered = '0', read = '0', name = name}
end
`;

/**
 * Forgets the oldest messages that neither reads nor de-duplication want any more, at most `most` of them.
 *
 * Tells whether there may be more, and how far the oldest that stays is from going. The keys `log` and `sent` are to be
 * there. `argument` is where in ARGV stand: the messages kept for reads, the time up to which they are too old, the time
 * up to which ids are forgotten, the messages kept at most.
 */
export const FORGET = `${READ}
local function documentOf(seq)
  local prefix, room = string.match(KEYS[1], '^([^{]*)(.*:)room$')
  return prefix .. 'document:' .. room .. number(seq)
end
local function forget(lives, head, argument, most)
  local unread, tooOld = head - tonumber(ARGV[argument]), tonumber(ARGV[argument + 1])
  local unknown, ballast = tonumber(ARGV[argument + 2]), head - tonumber(ARGV[argument + 3])
  local low, done, size = 1, 0, 1
  while done < most do
    local entries = low <= head and read(lives, low, head, size) or {}
    if #entries == 0 then return 0, '' end
    local ids, rest = {}, nil
    for _, entry in ipairs(entries) do
      local seq, time, id = seqOf(entry), tonumber(entry[2][4]), entry[2][8]
      local isUnread = seq <= unread or time <= tooOld
      if not ((isUnread and (id == '' or time <= unknown)) or seq <= ballast) then
        rest = (isUnread and 'unread ' or 'kept ') .. entry[2][4]
        break
      end
      if id ~= '' then ids[#ids + 1] = id end
      low, done = seq + 1, done + 1
    end
    if #ids > 0 then redis.call('HDEL', sent, unpack(ids)) end
    if low > 1 then
      -- What the index of searches holds of them; entries of messages that are left over are nobody's any more.
      local indexed = tonumber(redis.call('HGET', KEYS[1], 'indexed') or '0')
      for _, entry in ipairs(entries) do
        local seq = seqOf(entry)
        if seq < low and seq <= indexed then redis.call('UNLINK', documentOf(seq)) end
      end
      local life = at(lives, low)
      redis.call('XTRIM', log, 'MINID', '=', idIn(lives[life], low))
      if life > 1 then redis.call('HSET', KEYS[1], 'lives', join(lives, life)) end
    end
    if rest then return 0, rest end
    size = math.min(100, most - done)
  end
  return 1, ''
end
`;
