-- hc_commit: record a change by a person (or by the timer) with its audit entry, whole or not at all.
--   May write when the memory is full, so that a poll can always be closed.
--
-- KEYS 1 head  2 audit  3 runs  4 desks  5 links  6 doc  7 pos  8 awards  9 award-log
--      (all under one {event} tag)
--      then, in this order: the states of award rounds with a register that the change names, the secrets of
--      new rounds, the logs of closed rounds, the secrets, boxes, tallies and logs of dropped rounds, secret,
--      log and box of each sealed round, and if there is one of either: unwritten
-- ARGV 1 hash the audit log must end with (a new event: the chain's beginning)  2 hash of the new entry
--      3 the new entry (JSON)  4 the chain's beginning  5 wake channel
--      6 the event's definition (JSON), '' to leave it
--      then counted lists, each its length and its items:
--        hashes of registers (one per KEY)
--        runs (poll, JSON)  desks (room, JSON)  awards (award, JSON)  lines of awards' logs ('award JSON')
--        links (role, serial)  secrets (hex, one per KEY)
--      then the number of closed logs and the number of dropped keys
--      then the number of sealed rounds, and for each a counted list: the hashes that stay of its box
-- Returns {'ok', offset}, or {code, 0} when nothing was done:
--   moved    the audit log ends with another hash: somebody else was faster
--   nothing  there is no such event, and no definition to make it from
--   frozen   a poll was frozen since it was read, and its new run would undo that
--   replaced  a register is another one than the change names
-- Time: Redis TIME; ms in the closing line of a log, µs as a new event's first offset. Touches no key
--   that is not in KEYS.

-- A run that was frozen stays frozen until its round is over.
local function would_thaw(old_json, new_json)
  if not old_json then
    return false
  end
  local old, new = cjson.decode(old_json), cjson.decode(new_json)
  return old.frozen ~= '' and new.frozen == '' and old.round == new.round and new.state ~= 'draft'
end

local function commit(keys, args)
  local at = 6
  local function take()
    at = at + 1
    return args[at]
  end

  if (redis.call('GET', keys[1]) or args[4]) ~= args[1] then
    return { 'moved', 0 }
  end
  local is_new = redis.call('EXISTS', keys[6]) == 0
  if is_new and args[6] == '' then
    return { 'nothing', 0 }
  end

  -- Refuse before the first write: a function that stops halfway is not undone.
  local key = 9
  for _ = 1, tonumber(take()) do
    key = key + 1
    local named, held = take(), redis.call('HGET', keys[key], 'register')
    if held and held ~= named then  -- one from before this was noted cannot tell
      return { 'replaced', 0 }
    end
  end
  local runs = {}
  for i = 1, tonumber(take()) do
    runs[i] = { take(), take() }
    if would_thaw(redis.call('HGET', keys[3], runs[i][1]), runs[i][2]) then
      return { 'frozen', 0 }
    end
  end
  if is_new then
    -- An event that is deleted and made again must not count from 1: screens drop what is not newer.
    -- Microseconds, because no store changes faster than that.
    local time = redis.call('TIME')
    redis.call('SET', keys[7], string.format('%.0f', time[1] * 1000000 + time[2]))
  end
  for _, run in ipairs(runs) do
    redis.call('HSET', keys[3], run[1], run[2])
  end
  for _ = 1, tonumber(take()) do
    redis.call('HSET', keys[4], take(), take())
  end
  for _ = 1, tonumber(take()) do
    redis.call('HSET', keys[8], take(), take())
  end
  for _ = 1, tonumber(take()) do
    redis.call('RPUSH', keys[9], take())
  end
  for _ = 1, tonumber(take()) do
    redis.call('HSET', keys[5], take(), take())
  end
  for _ = 1, tonumber(take()) do
    key = key + 1
    redis.call('SET', keys[key], take())
  end
  for _ = 1, tonumber(take()) do
    key = key + 1
    redis.call('XADD', keys[key], '*', CLOSE, now_ms())
  end
  local drops = tonumber(take())
  for _ = 1, drops do
    key = key + 1
    redis.call('DEL', keys[key])
  end
  local seals = tonumber(take())
  for _ = 1, seals do
    redis.call('DEL', keys[key + 1], keys[key + 2], keys[key + 3])
    for _ = 1, tonumber(take()) do
      redis.call('HSET', keys[key + 3], take(), SEALED)
    end
    key = key + 3
  end
  if seals + drops > 0 then
    redis.call('INCR', keys[key + 1])
  end
  if args[6] ~= '' then
    redis.call('HINCRBY', keys[6], 'rev', 1)
    redis.call('HSET', keys[6], 'json', args[6])
  end
  redis.call('XADD', keys[2], '*', 'e', args[3])
  redis.call('SET', keys[1], args[2])
  return { 'ok', changed(keys[7], args[5], DECIDED) }
end

redis.register_function({
  function_name = 'hc_commit',
  callback = commit,
  flags = { 'allow-oom' },
})
