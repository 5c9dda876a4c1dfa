-- hc_swap_run: replace a poll's run if it is still the one that was read (the whole JSON is compared, and
--   never written anew here: Lua would turn an empty list into an empty object).
--
-- KEYS 1 runs  2 pos      (under one {event} tag)
-- ARGV 1 poll id  2 JSON that was read  3 new JSON  4 wake channel
-- Returns 1, or 0 when the run is another one by now and nothing was done.
redis.register_function({
  function_name = 'hc_swap_run',
  callback = function(keys, args)
    if redis.call('HGET', keys[1], args[1]) ~= args[2] then
      return 0
    end
    redis.call('HSET', keys[1], args[1], args[3])
    changed(keys[2], args[4], DECIDED)
    return 1
  end,
  flags = { 'allow-oom' },
})
