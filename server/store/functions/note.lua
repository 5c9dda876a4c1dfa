-- hc_epoch: an event's epoch in the store process that holds it; a new one when this is another process than
--   the one that the last epoch was given to.
-- KEYS 1 epoch  2 doc   ARGV 1 the process's own id (INFO run_id)  2 a fresh random epoch
-- Returns the epoch in force, '' when there is no such event (any more) and nothing was noted.
redis.register_function({
  function_name = 'hc_epoch',
  callback = function(keys, args)
    if redis.call('EXISTS', keys[2]) == 0 then
      return ''
    end
    if redis.call('HGET', keys[1], 'run') ~= args[1] then
      redis.call('HSET', keys[1], 'run', args[1], 'epoch', args[2])
    end
    return redis.call('HGET', keys[1], 'epoch')
  end,
  flags = { 'allow-oom' },
})

-- hc_report: note one reporter's last words. The offset stays and nobody is woken: what is on a screen does
--   not change the event, and a stage that reports what it painted must not cause the next painting.
-- KEYS 1 workers or painted  2 doc   ARGV 1 who  2 words (JSON)
-- Returns 1, or 0 when there is no such event (any more) and nothing was noted.
redis.register_function({
  function_name = 'hc_report',
  callback = function(keys, args)
    if redis.call('EXISTS', keys[2]) == 0 then
      return 0
    end
    redis.call('HSET', keys[1], args[1], args[2])
    return 1
  end,
  flags = { 'allow-oom' },
})

-- hc_drop: delete a key if it still has this value: a join code that its event gives back, or the mark of
--   seals after which the store's files had to be written anew.
-- KEYS 1 code or unwritten   ARGV 1 the value
-- Returns 1, or 0 when it has another value or none.
redis.register_function({
  function_name = 'hc_drop',
  callback = function(keys, args)
    if redis.call('GET', keys[1]) ~= args[1] then
      return 0
    end
    return redis.call('DEL', keys[1])
  end,
  flags = { 'allow-oom' },
})
