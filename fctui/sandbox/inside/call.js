"use strict";
// Calls a function's handler once, in the sandbox, by the target's own Node. See call.py, which
// does the same for Python; the orders and the answer are the same.
//
// Sources: Function Compute, "Context" and "Event handlers" of the Node.js runtimes; AWS Lambda,
// "context object in Node.js" and "handler in Node.js".
const fs = require("fs");
const path = require("path");
const { spawn } = require("child_process");
const { pathToFileURL } = require("url");

const orders = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const TELLING = 3;
const LOOK = 20; // milliseconds between two looks at the memory of a process that may be killed

if (process.argv[3] === "function") {
  beFunction();
} else {
  watch();
}

function watch() {
  const answer = {};
  let peak = 0;
  let begun = Date.now();
  const argv = [__filename, process.argv[2], "function"];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", 2, 2, "pipe"], detached: true });
  const look = () => {
    try {
      const status = fs.readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number((/^VmHWM:\s*(\d+)/m.exec(status) || [0, 0])[1]) * 1024);
    } catch {} // it has ended
  };
  const end = () => {
    look();
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {} // it has ended
  };
  const late = (what) => () => {
    answer.late = what;
    answer[what === "init" ? "init_seconds" : "seconds"] = (Date.now() - begun) / 1000;
    end();
  };
  const looking = setInterval(look, LOOK);
  let clock = setTimeout(late("init"), orders.init_limit * 1000);
  let rest = "";
  child.stdio[TELLING].setEncoding("utf8").on("data", (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (answer.late) return;
      Object.assign(answer, JSON.parse(line));
      if ("result" in answer || "error" in answer) {
        end();
      } else if ("init_seconds" in answer) {
        clearTimeout(clock);
        begun = Date.now();
        clock = setTimeout(late("call"), orders.limit * 1000);
      }
    }
  });
  child.on("close", (code, signal) => {
    clearTimeout(clock);
    clearInterval(looking);
    if (!("result" in answer) && !("error" in answer)) {
      answer.status = signal ? -require("os").constants.signals[signal] : code;
      if ("init_seconds" in answer && !("seconds" in answer)) {
        answer.seconds = (Date.now() - begun) / 1000;
      }
    }
    answer.peak_memory = Math.max(peak, answer.peak_memory || 0);
    fs.writeSync(1, JSON.stringify(answer) + "\n");
  });
}

function beFunction() {
  let begun = process.hrtime.bigint();
  let phase = "init_seconds";
  let said = false;
  const seconds = () => Number(process.hrtime.bigint() - begun) / 1e9;
  const write = (told) => {
    let data = Buffer.from(JSON.stringify(told) + "\n");
    while (data.length) data = data.subarray(fs.writeSync(TELLING, data));
  };
  const tell = (told) => {
    if (said) return;
    said = true;
    const peak_memory = process.resourceUsage().maxRSS * 1024;
    write({ [phase]: seconds(), peak_memory, ...told });
    process.exit(0);
  };
  const fail = (error) => {
    const made = error instanceof Error ? error : new Error(String(error));
    const text = (made.stack || String(made)).split("\n").filter((l) => !l.includes(__filename));
    fs.writeSync(2, text.join("\n") + "\n");
    tell({ error: { type: made.name, message: made.message, traceback: text.join("\n") } });
  };
  const succeed = (result) => {
    try {
      tell({ result: body(result).toString("base64") });
    } catch (error) {
      fail(error);
    }
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  process.chdir(orders.code);
  load()
    .then((handler) => {
      write({ init_seconds: seconds() });
      begun = process.hrtime.bigint();
      phase = "seconds";
      const event = Buffer.from(orders.event, "base64");
      const given = orders.style === "lambda" ? JSON.parse(event.toString()) : event;
      const callback = (error, result) => (error ? fail(error) : succeed(result));
      const context = contextOf(callback, seconds);
      // What neither answers nor has anything left to wait for has answered nothing.
      process.on("beforeExit", () => succeed(undefined));
      const result = handler(given, context, callback);
      if (result && typeof result.then === "function") result.then(succeed, fail);
      else if (result !== undefined && handler.length < 3) succeed(result);
    })
    .catch(fail);
}

async function load() {
  const file = path.join(orders.code, orders.file);
  let module;
  try {
    module = file.endsWith(".mjs") ? await import(pathToFileURL(file)) : require(file);
  } catch (error) {
    if (error.code !== "ERR_REQUIRE_ESM") throw error;
    module = await import(pathToFileURL(file));
  }
  const handler = module[orders.function] || (module.default && module.default[orders.function]);
  if (typeof handler !== "function") {
    throw new Error(`${orders.file} exports no function ${orders.function}`);
  }
  return handler;
}

// Function Compute passes text and bytes on as they are.
function body(result) {
  if (orders.style !== "lambda") {
    if (result === undefined) return Buffer.alloc(0);
    if (Buffer.isBuffer(result)) return result;
    if (typeof result === "string") return Buffer.from(result);
  }
  return Buffer.from(JSON.stringify(result === undefined ? null : result));
}

function contextOf(callback, seconds) {
  const env = process.env;
  const name = orders.name;
  if (orders.style === "lambda") {
    return {
      callbackWaitsForEmptyEventLoop: true,
      functionName: name,
      functionVersion: "$LATEST",
      invokedFunctionArn: `arn:aws:lambda:${env.AWS_REGION || "us-east-1"}:000000000000:function:${name}`,
      memoryLimitInMB: String(orders.memory),
      awsRequestId: orders.request_id,
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: "fctui",
      identity: undefined,
      clientContext: undefined,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor((orders.limit - seconds()) * 1000)),
      done: callback,
      fail: (error) => callback(error || new Error("fail")),
      succeed: (result) => callback(null, result),
    };
  }
  return {
    requestId: orders.request_id,
    credentials: {
      accessKeyId: env.ALIBABA_CLOUD_ACCESS_KEY_ID || "",
      accessKeySecret: env.ALIBABA_CLOUD_ACCESS_KEY_SECRET || "",
      securityToken: env.ALIBABA_CLOUD_SECURITY_TOKEN || "",
    },
    function: { name, handler: orders.handler, memory: orders.memory, timeout: orders.limit },
    service: { name: "", logProject: "", logStore: "", qualifier: "LATEST", versionId: "" },
    region: env.FC_REGION || "",
    accountId: env.FC_ACCOUNT_ID || "",
    tracing: { spanContext: "", jaegerEndpoint: "", spanBaggages: {} },
    retryCount: 0,
    logger: console,
  };
}
