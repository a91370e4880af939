-- What wrk sends; arguments after "--": METHOD PATH BODY_FILE FIRST WAIT. In the path and the body, {n} is a number that counts up
-- from FIRST, in each thread from another million on. METHOD "POST+DELETE" sends both by turns, so that nothing is left; wrk
-- must have a thread for each connection then. WAIT is the mean of the milliseconds that a connection waits before each request.
local method, path, body, count, wait, isMade
local threads = 0

function setup(thread)
  thread:set('number', threads)
  threads = threads + 1
end

function init(args)
  method, path = args[1], args[2]
  if args[3] ~= '-' then
    local file = assert(io.open(args[3]))
    body = file:read('*a')
    file:close()
  end
  count = tonumber(args[4]) + number * 1000000
  wait = tonumber(args[5])
  if wait == 0 then delay = nil end
  if not path:find('{n}', 1, true) and not body then
    local constant = wrk.format(method, path)
    request = function() return constant end
  end
end

function request()
  local n = string.format('%d', count)
  if method == 'POST+DELETE' and isMade then
    isMade = false
    count = count + 1
    return wrk.format('DELETE', path .. '/bench-' .. n)
  end
  if method == 'POST+DELETE' then isMade = true else count = count + 1 end
  local sent = body and body:gsub('{n}', n)
  return wrk.format(method == 'POST+DELETE' and 'POST' or method, (path:gsub('{n}', n)), nil, sent)
end

-- Uniform around the mean, so that the connections do not march in step.
function delay()
  return math.random(0, 2 * wait)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"failed":%d,"p50":%.3f,"p99":%.3f,"p999":%.3f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000))
end
