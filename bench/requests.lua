-- wrk's side of bench/small.py: sends the requests that the environment describes and prints one line of JSON.
local function lines_of(name)
  local lines = {}
  for line in io.lines(os.getenv(name)) do lines[#lines + 1] = line end
  return lines
end

local method = os.getenv("BENCH_METHOD")
local paths = lines_of("BENCH_PATHS")
local at = tonumber(os.getenv("BENCH_FIRST")) % #paths
local body, whole

function init(args)
  local file = io.open(os.getenv("BENCH_BODY"), "rb")
  body = file:read("*a")
  file:close()
  if #body == 0 then body = nil end
  for _, line in ipairs(lines_of("BENCH_HEADERS")) do
    local name, value = line:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
  if #paths == 1 then whole = wrk.format(method, paths[1], nil, body) end
end

function request()
  if whole then return whole end
  at = at % #paths + 1
  return wrk.format(method, paths[at], nil, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nBENCH {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
