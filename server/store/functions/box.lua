-- box: what the functions that meet the ballot box share. Registers nothing itself.
-- PUBLISH, the command that wakes listeners, is set before this text (server/store/scripts.py).
--
-- A box value is 'rev nonce counted_ms segment|canonical'; its tally key is '1|segment|canonical'.

-- The first field of a log's line, whose value is what the line changes in the tally; and that of its closing line.
local CHANGES, CLOSE = '=', 'close'
-- The value in a sealed round's box, whose fields are hashes of the nonces that were counted.
local SEALED = '-'

-- The store's own Unix time in ms, as decimal text ('%.0f': no exponent, exact below 2^53).
local function now_ms()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end

-- {rev, nonce, tally key, text} of a box value; {text = text} when it cannot be read.
local function read_box_value(text)
  local rev, nonce, rest = string.match(text, '^(%d+) (%S+) %d+ ([^|]*|.+)$')
  if not rev then
    return { text = text }
  end
  return { rev = tonumber(rev), nonce = nonce, key = '1|' .. rest, text = text }
end

-- Why a poll takes no ballot in `round`, given the JSON of its run; nil when it takes one.
local function why_not(run_json, round)
  if not run_json then
    return 'closed'
  end
  local run = cjson.decode(run_json)
  if run.round ~= round then
    return 'other_round'
  elseif run.state ~= 'open' then
    return 'closed'
  elseif run.frozen ~= '' then
    return 'frozen'
  end
  return nil
end

-- Tell whoever listens that the event changed; gives the new offset. DECIDED as `how`: by a decision, for which
-- screens do not wait until their next turn.
local DECIDED = 'decided'
local function changed(pos, channel, how)
  local offset = redis.call('INCR', pos)
  redis.call(PUBLISH, channel, how or '')
  return offset
end
