-- What wrk asks: each of the prepared requests once, in turn, and every answer looked at.
--
-- The file of requests (the script's one argument) holds them one after the other, each behind its length in decimal
-- and a line feed. A request that was sent twice would be refused as a replay, so when all are sent, wrk is stopped.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  prepared = {}
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    prepared[#prepared + 1] = file:read(length)
  end
  file:close()
  asked, answered, wrong, example = 0, 0, 0, ""
  sent = -1 -- wrk takes one to see what requests look like, and does not send it
end

function request()
  sent = sent + 1
  if sent <= 0 then return prepared[1] end
  return prepared[math.min(sent, #prepared)]
end

function response(status, headers, body)
  answered = answered + 1
  if status ~= 200 or not body:find('"errorcode": 0', 1, true) then
    wrong = wrong + 1
    example = body:sub(1, 200)
  end
  -- Connections that still wait for an answer have taken their requests already.
  if sent >= #prepared then wrk.thread:stop() end
end

function done(summary, latency, requests)
  local answered, wrong, example = 0, 0, ""
  for _, thread in ipairs(threads) do
    answered = answered + thread:get("answered")
    wrong = wrong + thread:get("wrong")
    if thread:get("wrong") > 0 then example = thread:get("example") end
  end
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("\nfound: %d %d %d %d %s\n", answered, wrong, lost, summary.duration, example))
end
