-- Readings that must be of one moment. They are functions and not transactions, because Redis queues no
-- transaction when its memory is full, and a full store is when people most need to see how things stand.

-- More lines than these and the tally is read as a whole, which then is cheaper.
local MOST_LINES = 256

-- What changed in a round's tally after a line of its log: {{'key by key by', ...}, newest line}; nil when the
-- log cannot tell: the line is not in it, too much has come since, or a line is from before lines told.
local function changes_since(log, line)
  if line == '' or #redis.call('XRANGE', log, line, line) == 0 then
    return nil
  end
  local lines = redis.call('XRANGE', log, '(' .. line, '+', 'COUNT', MOST_LINES + 1)
  if #lines > MOST_LINES then
    return nil
  end
  local changes = {}
  for _, found in ipairs(lines) do
    local fields = found[2]
    if fields[1] == CHANGES then
      changes[#changes + 1] = fields[2]
    elseif fields[1] ~= CLOSE then
      return nil
    end
    line = found[1]
  end
  return { changes, line }
end

-- The newest line of a log; '' when it has none.
local function newest_line(log)
  local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
  return newest[1] and newest[1][1] or ''
end

-- hc_snapshot: an event as it stands.
--
-- KEYS, all under one {event} tag: 1 epoch  2 audit  3 pos  4 head  5 doc  6 runs  7 desks  8 links
--      9 workers  10 painted  11 awards, then tally, box and log of each round asked for
-- ARGV for each round: the line of its log after which changes are wanted ('': none), and '1' to read its tally
--      as a whole too. It is so read in any case when no changes are wanted or the log cannot tell them.
-- Returns {this store process's own id, {the id the epoch was given to, epoch}, length of the audit log,
--   {offset, head}, {revision of the definition, definition (JSON)}, the six hashes of KEYS 6 to 11 as flat
--   lists of field and value, then for each round {size of the box, newest line of the log, changes as texts
--   (list; 0: not told), tally (flat list; 0: not read)}}
redis.register_function({
  function_name = 'hc_snapshot',
  callback = function(keys, args)
    local reading = {
      string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'),
      redis.call('HMGET', keys[1], 'run', 'epoch'),
      redis.call('XLEN', keys[2]),
      redis.call('MGET', keys[3], keys[4]),
      redis.call('HMGET', keys[5], 'rev', 'json'),
    }
    for i = 6, 11 do
      reading[i] = redis.call('HGETALL', keys[i])
    end
    for i = 12, #keys, 3 do
      local tally, box, log = keys[i], keys[i + 1], keys[i + 2]
      local arg = (i - 12) / 3 * 2 + 1
      local since = changes_since(log, args[arg])
      local is_whole = not since or args[arg + 1] == '1'
      reading[#reading + 1] = {
        redis.call('HLEN', box),
        since and since[2] or newest_line(log),
        since and since[1] or 0,
        is_whole and redis.call('HGETALL', tally) or 0,
      }
    end
    return reading
  end,
  flags = { 'no-writes' },
})

-- hc_read_round: what a recount needs of one round.
--
-- KEYS 1 log  2 box  3 tally      (all under one {event} tag)
-- ARGV 1 where the log is read from: '-', or '(' and the id of the last line already read
-- Returns {lines of the log, its newest line (a list of one or none), box, tally}; a line is {id, {field,
--   value, ...}}, box and tally are flat lists of field and value.
redis.register_function({
  function_name = 'hc_read_round',
  callback = function(keys, args)
    return {
      redis.call('XRANGE', keys[1], args[1], '+'),
      redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1),
      redis.call('HGETALL', keys[2]),
      redis.call('HGETALL', keys[3]),
    }
  end,
  flags = { 'no-writes' },
})
