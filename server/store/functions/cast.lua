-- hc_cast: decide a batch of ballots in its order, and record those that count: all of them or, when the
--   store fails, none. A ballot that is refused harms no other.
-- hc_look: the same decision, writing nothing; it works when the memory is full, and says 'full' where
--   hc_cast would record.
--
-- KEYS 1 runs  2 box  3 tally  4 log  5 pos      (all under one {event} tag; 2-4 of the round in ARGV 2)
-- ARGV 1 poll id  2 round  3 wake channel  4 the ballots, at most 512 (unpack: a few thousand values), each
--      a line 'voter rev nonce segment|canonical' with its line end; rev is a whole number below 2^53. One
--      text, because handing over five values for each ballot cost more than all the rest.
-- Returns {time of this decision in ms, the codes in order with blanks between, {for each code but 'ok', in
--   order: the ballot that is in the box, '' when there is none}}
-- Codes, first match wins; the first three hold whatever the state of the poll, so that a retry which
--   arrives after the close is still told that it had been counted:
--   dup          the same rev and nonce is in the box: the receipt again
--   stale        a higher rev is in the box
--   conflict     the same rev with another nonce is in the box
--   other_round  the poll is in another round
--   closed       the poll is not open
--   frozen       the poll takes no ballots because a recount failed, or this voter's entry cannot be read
--   ok           counted (hc_look: full)
-- Time: Redis TIME, ms; it is kept, and decides nothing. Touches no key that is not in KEYS.

local function decide_ballots(keys, args, may_write)
  local refusal = why_not(redis.call('HGET', keys[1], args[1]), tonumber(args[2]))

  -- What is in the box now, for each voter of the batch.
  local voters, held = {}, {}
  for voter in string.gmatch(args[4], '(%S+) [^\n]*\n') do
    if held[voter] == nil then
      held[voter] = false
      voters[#voters + 1] = voter
    end
  end
  local texts = redis.call('HMGET', keys[2], unpack(voters))
  for i, voter in ipairs(voters) do
    if texts[i] then
      held[voter] = read_box_value(texts[i])
    end
  end

  -- Decide one after the other: a later ballot of the same voter meets the earlier one.
  local now = now_ms()
  local codes, kept, log, latest, winners, deltas, tally_keys = {}, {}, {}, {}, {}, {}, {}
  local function add(key, step)
    if deltas[key] == nil then
      deltas[key] = 0
      tally_keys[#tally_keys + 1] = key
    end
    deltas[key] = deltas[key] + step
  end
  for voter, rev_text, nonce, rest in string.gmatch(args[4], '(%S+) (%d+) (%S+) ([^\n]*)\n') do
    local rev, present, code = tonumber(rev_text), held[voter], nil
    if present and not present.rev then
      code, present = 'frozen', false
    elseif present and rev < present.rev then
      code = 'stale'
    elseif present and rev == present.rev then
      code = nonce == present.nonce and 'dup' or 'conflict'
    elseif refusal then
      code = refusal
    elseif not may_write then
      code = 'full'
    else
      code = 'ok'
      if present then
        add(present.key, -1)
      end
      local text = rev_text .. ' ' .. nonce .. ' ' .. now .. ' ' .. rest
      present = { rev = rev, nonce = nonce, key = '1|' .. rest, text = text }
      add(present.key, 1)
      held[voter] = present
      log[#log + 1] = voter
      log[#log + 1] = text
      if not latest[voter] then
        winners[#winners + 1] = voter
      end
      latest[voter] = text
    end
    codes[#codes + 1] = code
    if code ~= 'ok' then
      kept[#kept + 1] = present and present.text or ''
    end
  end
  local answer = { now, table.concat(codes, ' '), kept }
  if #log == 0 then
    return answer
  end

  -- Record. The log goes first: it is the truth, should a damaged box or tally refuse its part. Its line begins
  -- with what the batch changes in the tally ('key by key by'), for those who follow the log without the box.
  local changes = {}
  for _, key in ipairs(tally_keys) do
    if deltas[key] ~= 0 then
      changes[#changes + 1] = key .. ' ' .. deltas[key]
    end
  end
  redis.call('XADD', keys[4], '*', CHANGES, table.concat(changes, ' '), unpack(log))
  local fields = {}
  for _, voter in ipairs(winners) do
    fields[#fields + 1] = voter
    fields[#fields + 1] = latest[voter]
  end
  redis.call('HSET', keys[2], unpack(fields))
  for _, key in ipairs(tally_keys) do
    if deltas[key] ~= 0 and redis.call('HINCRBY', keys[3], key, deltas[key]) == 0 then
      redis.call('HDEL', keys[3], key)
    end
  end
  changed(keys[5], args[3])
  return answer
end

redis.register_function('hc_cast', function(keys, args)
  return decide_ballots(keys, args, true)
end)

redis.register_function({
  function_name = 'hc_look',
  callback = function(keys, args)
    return decide_ballots(keys, args, false)
  end,
  flags = { 'no-writes' },
})
