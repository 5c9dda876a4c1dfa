-- Readings that must be of one moment. They are functions and not transactions, because Redis queues no
-- transaction when its memory is full, and a full store is when people most need to see how things stand.

-- hc_snapshot: an event as it stands.
--
-- KEYS, all under one {event} tag: 1 epoch  2 audit  3 pos  4 head  5 doc  6 runs  7 desks  8 links
--      9 workers  10 painted  11 awards, then tally and box of each round asked for
-- Returns {this store process's own id, {the id the epoch was given to, epoch}, length of the audit log,
--   {offset, head}, {revision of the definition, definition (JSON)}, the six hashes of KEYS 6 to 11 as flat
--   lists of field and value, then tally (flat list) and size of the box for each round}
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
    for i = 12, #keys, 2 do
      reading[i] = redis.call('HGETALL', keys[i])
      reading[i + 1] = redis.call('HLEN', keys[i + 1])
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
