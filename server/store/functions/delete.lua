-- hc_delete: remove an event's keys at one moment, but for the mark that the store's files still hold it.
--   Works when the memory is full.
--
-- KEYS 1 head  2 award-rounds  3 unwritten, then every other key of the event      (all under one {event} tag)
-- ARGV 1 the head at which the list of keys was made (a round opened since would leave keys behind)
--      2 wake channel  3 the number of awards' rounds then (a register made since would stay)
-- Returns 1, or 0 when the event has changed since and nothing was done.
redis.register_function({
  function_name = 'hc_delete',
  callback = function(keys, args)
    if (redis.call('GET', keys[1]) or '') ~= args[1] or redis.call('SCARD', keys[2]) ~= tonumber(args[3]) then
      return 0
    end
    if args[1] ~= '' then  -- else there was no such event
      redis.call('INCR', keys[3])
    end
    for i, key in ipairs(keys) do
      if i ~= 3 then
        redis.call('UNLINK', key)
      end
    end
    redis.call(PUBLISH, args[2], '')
    return 1
  end,
  flags = { 'allow-oom' },
})
