-- award: rounds of awards. Registers of codes, ballot boxes that know no voter, jury sheets.
--
-- The keys of one round, under one {event} tag, named in server/keys.py: state (hash), register, alias,
-- spent, box, fresh, leaves, sheets, secret. State holds: state ('' waiting, open, closed, sealed),
-- register (its hash), electorate, frozen, box_hash, 'lines:<class>', 'cast:<channel>:<class>', 'entered:<channel>:<class>'.
-- Box and spent share no key and no value, and no time is kept: what could join them is the order in which a
-- store happens to keep small sets and hashes, until hc_award_seal puts both in anew.

local CHUNK = 500

-- Call a command with many words, some at a time: Lua hands over a few thousand, not more.
local function in_chunks(command, key, words)
  for first = 1, #words, CHUNK do
    redis.call(command, key, unpack(words, first, math.min(first + CHUNK - 1, #words)))
  end
end

local function sorted_members(key)
  local members = redis.call('SMEMBERS', key)
  table.sort(members)
  return members
end

-- Why a round takes nothing now; nil when it takes ballots or sheets. And who votes in it.
local function round_refuses(state)
  local held = redis.call('HMGET', state, 'state', 'frozen', 'electorate')
  local why = nil
  if held[1] ~= 'open' then
    why = 'closed'
  elseif held[2] and held[2] ~= '' then
    why = 'frozen'
  end
  return why, held[3] or '', held[1] or ''
end

-- Whether a round was opened by a decision, which the box may not have heard of yet.
local function was_opened(awards, place)
  local award, round = string.match(place, '^([^:]*):(.*)$')
  local text = redis.call('HGET', awards, award)
  local run = text and cjson.decode(text).rounds[round]
  return run and run.state ~= 'waiting'
end

-- hc_award_load: put in the register of a round that has not been opened.
-- KEYS 1 state  2 register  3 alias  4 rounds  5 doc  6 pos  7 awards
-- ARGV 1 wake channel  2 'award:round'  3 'replace' or ''  4 lines 'credential class alias', alias '-' for
--      none, in the order of credentials, each with its line end  5 the register's hash
-- Returns ok | nothing (no such event) | opened | loaded
redis.register_function('hc_award_load', function(keys, args)
  if redis.call('EXISTS', keys[5]) == 0 then
    return 'nothing'
  elseif redis.call('HGET', keys[1], 'state') or was_opened(keys[7], args[2]) then
    return 'opened'
  elseif redis.call('EXISTS', keys[2]) == 1 and args[3] == '' then
    return 'loaded'
  end
  local register, aliases, counts = {}, {}, {}
  for credential, class, alias in string.gmatch(args[4], '(%S+) (%S+) (%S+)\n') do
    register[#register + 1] = credential
    register[#register + 1] = class
    counts[class] = (counts[class] or 0) + 1
    if alias ~= '-' then
      aliases[#aliases + 1] = { alias, credential }
    end
  end
  -- In their own order, not in the roll's.
  table.sort(aliases, function(a, b) return a[1] < b[1] end)
  local flat = {}
  for _, pair in ipairs(aliases) do
    flat[#flat + 1] = pair[1]
    flat[#flat + 1] = pair[2]
  end
  redis.call('DEL', keys[1], keys[2], keys[3])
  in_chunks('HSET', keys[2], register)
  in_chunks('HSET', keys[3], flat)
  redis.call('HSET', keys[1], 'register', args[5])
  for class, count in pairs(counts) do
    redis.call('HSET', keys[1], 'lines:' .. class, count)
  end
  redis.call('SADD', keys[4], args[2])
  changed(keys[6], args[1])
  return 'ok'
end)

-- hc_award_open: let a round take ballots or sheets.
-- KEYS 1 state  2 secret  3 register  4 rounds  5 doc  6 pos
-- ARGV 1 wake channel  2 'award:round'  3 electorate (codes, devices, jury)  4 secret (hex) or ''
-- Returns ok (also when it is open already) | nothing | over (it was closed before) | no_register
redis.register_function('hc_award_open', function(keys, args)
  if redis.call('EXISTS', keys[5]) == 0 then
    return 'nothing'
  end
  local state = redis.call('HGET', keys[1], 'state')
  if state then
    return state == 'open' and 'ok' or 'over'
  elseif args[3] == 'codes' and redis.call('EXISTS', keys[3]) == 0 then
    return 'no_register'
  end
  redis.call('HSET', keys[1], 'state', 'open', 'electorate', args[3])
  if args[4] ~= '' then
    redis.call('SET', keys[2], args[4])
  end
  redis.call('SADD', keys[4], args[2])
  changed(keys[6], args[1])
  return 'ok'
end)

-- hc_award_find: a line of the register by the hash of its token or typed code.
-- KEYS 1 register  2 alias  3 spent   ARGV 1 hash
-- Returns {credential, class, 1 when it is used}, or {} when there is none
redis.register_function({
  function_name = 'hc_award_find',
  callback = function(keys, args)
    local credential = redis.call('HGET', keys[2], args[1]) or args[1]
    local class = redis.call('HGET', keys[1], credential)
    if not class then
      return {}
    end
    return { credential, class, redis.call('SISMEMBER', keys[3], credential) }
  end,
  flags = { 'no-writes' },
})

-- hc_award_cast: decide a batch of ballots in its order, and record those that count, all of them or none.
-- hc_award_look: the same decision, writing nothing; says 'full' where hc_award_cast would record.
--
-- KEYS 1 state  2 register  3 alias  4 spent  5 box  6 fresh  7 pos
-- ARGV 1 wake channel  2 channel: code or device  3 the ballots, at most 512, each a line
--      'credential class receipt leaf text' with its line end; credential '-' for none
-- Returns the codes in order with blanks between; first match wins, and the first two hold whatever the
--   state of the round:
--   dup            this credential was used, and just this ballot is in the box: the receipt again
--   used           this credential was used
--   closed         the round is not open
--   frozen         it takes no ballots for now
--   unknown        the register has no such credential, or in another class; or another channel votes here
--   receipt_taken  another ballot with this receipt is in the box
--   ok             counted (hc_award_look: full)
local function decide_award_ballots(keys, args, may_write)
  local refusal, electorate, state = round_refuses(keys[1])
  local credentials, receipts = {}, {}
  for credential, receipt in string.gmatch(args[3], '(%S+) %S+ (%S+) %S+ [^\n]*\n') do
    credentials[#credentials + 1] = credential
    receipts[#receipts + 1] = receipt
  end
  local of_alias = redis.call('HMGET', keys[3], unpack(credentials))
  for i, credential in ipairs(credentials) do
    credentials[i] = of_alias[i] or credential
  end
  local classes = redis.call('HMGET', keys[2], unpack(credentials))
  local present = redis.call('HMGET', keys[5], unpack(receipts))
  local spent, held = {}, {}
  for i, credential in ipairs(credentials) do
    spent[credential] = redis.call('SISMEMBER', keys[4], credential) == 1
    held[receipts[i]] = present[i] and string.match(present[i], '^%S+') or false
  end

  local codes, new_spent, new_box, new_leaves, counts = {}, {}, {}, {}, {}
  local i = 0
  for class, leaf, text in string.gmatch(args[3], '%S+ (%S+) %S+ (%S+) ([^\n]*)\n') do
    i = i + 1
    local credential, receipt, code = credentials[i], receipts[i], nil
    -- Once sealed, a device is known no more: then whoever has the ballot with its salt is its voter.
    local is_spent = spent[credential] or (electorate == 'devices' and state == 'sealed')
    if is_spent and held[receipt] == leaf then
      code = 'dup'
    elseif spent[credential] then
      code = 'used'
    elseif refusal then
      code = refusal
    elseif electorate ~= args[2] .. 's' or credential == '-'
        or (electorate == 'codes' and classes[i] ~= class) then
      code = 'unknown'
    elseif held[receipt] then
      code = 'receipt_taken'
    elseif not may_write then
      code = 'full'
    else
      code = 'ok'
      spent[credential], held[receipt] = true, leaf
      new_spent[#new_spent + 1] = credential
      new_box[#new_box + 1] = receipt
      new_box[#new_box + 1] = leaf .. ' ' .. text
      new_leaves[#new_leaves + 1] = leaf
      counts[class] = (counts[class] or 0) + 1
    end
    codes[#codes + 1] = code
  end
  if #new_spent > 0 then
    in_chunks('HSET', keys[5], new_box)
    in_chunks('SADD', keys[4], new_spent)
    in_chunks('SADD', keys[6], new_leaves)
    for class, count in pairs(counts) do
      redis.call('HINCRBY', keys[1], 'cast:' .. args[2] .. ':' .. class, count)
    end
    changed(keys[7], args[1])
  end
  return table.concat(codes, ' ')
end

redis.register_function('hc_award_cast', function(keys, args)
  return decide_award_ballots(keys, args, true)
end)

redis.register_function({
  function_name = 'hc_award_look',
  callback = function(keys, args)
    return decide_award_ballots(keys, args, false)
  end,
  flags = { 'no-writes' },
})

-- hc_award_enter: ballots that were counted by hand, all or none, once for each channel and class.
-- KEYS 1 state  2 box  3 fresh  4 pos
-- ARGV 1 wake channel  2 channel  3 class  4 ballots of this channel that are in already
--      5 lines 'receipt leaf text', each with its line end
-- Returns ok | closed | frozen | entered | moved (other ballots are in already) | receipt_taken
redis.register_function('hc_award_enter', function(keys, args)
  local refusal = round_refuses(keys[1])
  if refusal then
    return refusal
  elseif redis.call('HEXISTS', keys[1], 'entered:' .. args[2] .. ':' .. args[3]) == 1 then
    return 'entered'
  end
  local before, words, leaves, receipts = 0, {}, {}, {}
  local held = redis.call('HGETALL', keys[1])
  for i = 1, #held, 2 do
    if string.sub(held[i], 1, #args[2] + 6) == 'cast:' .. args[2] .. ':' then
      before = before + tonumber(held[i + 1])
    end
  end
  if before ~= tonumber(args[4]) then
    return 'moved'
  end
  for receipt, leaf, text in string.gmatch(args[5], '(%S+) (%S+) ([^\n]*)\n') do
    if receipts[receipt] or redis.call('HEXISTS', keys[2], receipt) == 1 then
      return 'receipt_taken'
    end
    receipts[receipt] = true
    words[#words + 1] = receipt
    words[#words + 1] = leaf .. ' ' .. text
    leaves[#leaves + 1] = leaf
  end
  in_chunks('HSET', keys[2], words)
  in_chunks('SADD', keys[3], leaves)
  redis.call('HSET', keys[1], 'entered:' .. args[2] .. ':' .. args[3], #leaves)
  redis.call('HINCRBY', keys[1], 'cast:' .. args[2] .. ':' .. args[3], #leaves)
  changed(keys[4], args[1])
  return 'ok'
end)

-- hc_award_sheet: save a juror's draft, lock it, unlock it.
-- KEYS 1 state  2 sheets  3 pos
-- ARGV 1 wake channel  2 juror  3 save, lock or unlock  4 rev  5 entries marked  6 recused  7 leaf  8 text
--   A stored sheet is 'rev locked marked recused leaf text'; locked is 0 or 1, leaf '-' while it is not.
-- Returns ok | dup | closed | frozen | empty | stale | locked
redis.register_function('hc_award_sheet', function(keys, args)
  local refusal, electorate = round_refuses(keys[1])
  local stored = redis.call('HGET', keys[2], args[2])
  local rev, locked, marked, recused, leaf, text
  if stored then
    rev, locked, marked, recused, leaf, text = string.match(stored, '^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  end
  local act, new = args[3], nil
  if act == 'unlock' then
    new = stored and table.concat({ args[4], '0', marked, recused, '-', text }, ' ')
  elseif act == 'lock' then
    new = table.concat({ args[4], '1', args[5], args[6], args[7], args[8] }, ' ')
  else
    new = table.concat({ args[4], '0', args[5], args[6], '-', args[8] }, ' ')
  end
  if stored and new == stored then
    return 'dup'
  elseif refusal or electorate ~= 'jury' then
    return refusal or 'closed'
  elseif not new then
    return 'empty'
  elseif rev and tonumber(args[4]) <= tonumber(rev) then
    return 'stale'
  elseif locked == '1' and act ~= 'unlock' then
    return 'locked'
  end
  redis.call('HSET', keys[2], args[2], new)
  changed(keys[3], args[1])
  return 'ok'
end)

-- hc_award_progress: how far each juror is, never a mark.
-- KEYS 1 sheets   Returns a flat list of juror and 'rev locked marked recused'
redis.register_function({
  function_name = 'hc_award_progress',
  callback = function(keys, args)
    local held = redis.call('HGETALL', keys[1])
    for i = 2, #held, 2 do
      held[i] = string.match(held[i], '^%S+ %S+ %S+ %S+')
    end
    return held
  end,
  flags = { 'no-writes' },
})
