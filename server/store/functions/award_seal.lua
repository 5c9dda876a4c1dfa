-- award_seal: how a round of an award becomes final: checkpoints, close, seal. All of them work when the
--   memory is full.

-- Whether leaf a (64 hexadecimal digits) comes before b: by its bytes, as every recount checks it. Lua's own '<'
-- asks the locale of the store's process, in some of which "aa" comes after "f".
local function is_before(a, b)
  for at = 1, 61, 4 do
    local a1, a2, a3, a4 = string.byte(a, at, at + 3)
    local b1, b2, b3, b4 = string.byte(b, at, at + 3)
    local x, y = ((a1 * 256 + a2) * 256 + a3) * 256 + a4, ((b1 * 256 + b2) * 256 + b3) * 256 + b4
    if x ~= y then
      return x < y
    end
  end
  return false
end

-- Move the leaves of ballots that are in no checkpoint yet to the record, sorted; gives their number.
local function record_fresh(fresh, leaves)
  local members = redis.call('SMEMBERS', fresh)
  table.sort(members, is_before)
  in_chunks('RPUSH', leaves, members)
  redis.call('DEL', fresh)
  return #members
end

-- hc_award_checkpoint: record what came since the last checkpoint, if it is enough.
-- KEYS 1 state  2 fresh  3 leaves  4 pos   ARGV 1 wake channel  2 the least number of leaves
-- Returns {leaves that were added, all leaves in record order}
redis.register_function({
  function_name = 'hc_award_checkpoint',
  callback = function(keys, args)
    local added = 0
    if redis.call('HGET', keys[1], 'state') == 'open'
        and redis.call('SCARD', keys[2]) >= math.max(1, tonumber(args[2])) then
      added = record_fresh(keys[2], keys[3])
      changed(keys[4], args[1])
    end
    return { added, redis.call('LRANGE', keys[3], 0, -1) }
  end,
  flags = { 'allow-oom' },
})

-- hc_award_close: take nothing more. From here on the box is fixed.
-- KEYS 1 state  2 fresh  3 leaves  4 sheets  5 pos   ARGV 1 wake channel
-- Returns ok (also when it was closed before) | waiting
redis.register_function({
  function_name = 'hc_award_close',
  callback = function(keys, args)
    local state = redis.call('HGET', keys[1], 'state')
    if not state then
      return 'waiting'
    elseif state ~= 'open' then
      return 'ok'
    end
    record_fresh(keys[2], keys[3])
    local sheets, locked = redis.call('HVALS', keys[4]), {}
    for _, sheet in ipairs(sheets) do
      locked[#locked + 1] = string.match(sheet, '^%S+ 1 %S+ %S+ (%S+) ')
    end
    table.sort(locked, is_before)
    in_chunks('RPUSH', keys[3], locked)
    redis.call('HSET', keys[1], 'state', 'closed')
    changed(keys[5], args[1])
    return 'ok'
  end,
  flags = { 'allow-oom' },
})

-- hc_award_name: note the hash of a closed box, once.
-- KEYS 1 state   ARGV 1 hash   Returns the hash that stands
redis.register_function({
  function_name = 'hc_award_name',
  callback = function(keys, args)
    redis.call('HSETNX', keys[1], 'box_hash', args[1])
    return redis.call('HGET', keys[1], 'box_hash')
  end,
  flags = { 'allow-oom' },
})

-- hc_award_read: a closed or sealed round, at one moment.
-- KEYS 1 state  2 spent  3 box  4 leaves  5 sheets
-- Returns {state, box hash or '', spent, box values, leaves in record order, sheets}, lists in their own
--   order; {state} alone before the close
redis.register_function({
  function_name = 'hc_award_read',
  callback = function(keys, args)
    local held = redis.call('HMGET', keys[1], 'state', 'box_hash')
    if held[1] ~= 'closed' and held[1] ~= 'sealed' then
      return { held[1] or '' }
    end
    local box = redis.call('HVALS', keys[3])
    table.sort(box)
    return {
      held[1],
      held[2] or '',
      sorted_members(keys[2]),
      box,
      redis.call('LRANGE', keys[4], 0, -1),
      redis.call('HVALS', keys[5]),
    }
  end,
  flags = { 'no-writes' },
})

-- hc_award_seal: put the used codes and the box in anew, each in the order of its own hash, and destroy
--   drafts and whatever belongs to devices. Sealing again does the same again.
-- KEYS 1 state  2 spent  3 box  4 leaves  5 sheets  6 fresh  7 secret  8 unwritten  9 pos
-- ARGV 1 wake channel  2 the hash of the box that was approved
-- Returns ok | open | other_box | differs (not as many ballots or sheets as leaves)
redis.register_function({
  function_name = 'hc_award_seal',
  callback = function(keys, args)
    local held = redis.call('HMGET', keys[1], 'state', 'box_hash', 'electorate')
    if held[1] ~= 'closed' and held[1] ~= 'sealed' then
      return 'open'
    elseif held[2] ~= args[2] then
      return 'other_box'
    end
    local box, ballots, drafts, sheets = redis.call('HGETALL', keys[3]), {}, {}, 0
    for i = 1, #box, 2 do
      ballots[#ballots + 1] = { box[i + 1], box[i] }
    end
    local all = redis.call('HGETALL', keys[5])
    for i = 1, #all, 2 do
      if string.match(all[i + 1], '^%S+ 1 ') then
        sheets = sheets + 1
      else
        drafts[#drafts + 1] = all[i]
      end
    end
    if #ballots + sheets ~= redis.call('LLEN', keys[4]) then
      return 'differs'
    end

    -- A value begins with its leaf, so this is the order of the leaves.
    table.sort(ballots, function(a, b) return a[1] < b[1] end)
    local words = {}
    for _, ballot in ipairs(ballots) do
      words[#words + 1] = ballot[2]
      words[#words + 1] = ballot[1]
    end
    local spent = held[3] == 'codes' and sorted_members(keys[2]) or {}
    redis.call('DEL', keys[2], keys[3], keys[6], keys[7])
    in_chunks('SADD', keys[2], spent)
    in_chunks('HSET', keys[3], words)
    in_chunks('HDEL', keys[5], drafts)
    redis.call('HSET', keys[1], 'state', 'sealed')
    redis.call('INCR', keys[8])
    changed(keys[9], args[1])
    return 'ok'
  end,
  flags = { 'allow-oom' },
})

-- hc_award_freeze: take no ballots for now.
-- KEYS 1 state  2 pos   ARGV 1 wake channel  2 reason, '' to go on   Returns 1, or 0 where it is not open
redis.register_function({
  function_name = 'hc_award_freeze',
  callback = function(keys, args)
    if redis.call('HGET', keys[1], 'state') ~= 'open' then
      return 0
    end
    redis.call('HSET', keys[1], 'frozen', args[2])
    changed(keys[2], args[1])
    return 1
  end,
  flags = { 'allow-oom' },
})
