// Requires one package as code at a place would: node require.js PLACE NAME
// Exit status 0: it loads; 3: it has nothing that could be loaded (types, data, a program only).
"use strict";
const { createRequire } = require("module");
const { pathToFileURL } = require("url");
const path = require("path");

const [place, name] = process.argv.slice(2);
const from = createRequire(path.join(place, "fctui-verify.js"));
const nothing = new Set(["ERR_PACKAGE_PATH_NOT_EXPORTED", "MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"]);
const modules = new Set(["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE", "ERR_PACKAGE_PATH_NOT_EXPORTED"]);

function entry() {
  try {
    return from.resolve(name);
  } catch (error) {
    if (error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return null;
    if (nothing.has(error.code)) process.exit(3);
    throw error;
  }
}

function failed(error) {
  console.error(String((error && error.stack) || error));
  process.exit(1);
}

async function load() {
  const file = entry();
  if (file !== null) {
    try {
      from(name);
      return;
    } catch (error) {
      if (!error || !modules.has(error.code)) throw error;
    }
  }
  await import(pathToFileURL(file || module_of(path.join(place, "node_modules", name))));
}

// The file of a package that has none for `require`.
function module_of(directory) {
  const about = JSON.parse(require("fs").readFileSync(path.join(directory, "package.json"), "utf8"));
  const named = importable(about.exports) || about.module;
  if (!named) process.exit(3);
  return path.resolve(directory, named);
}

// The file that `exports` gives to an import: Node.js, "Conditional exports".
function importable(exported) {
  if (typeof exported === "string") return exported;
  if (!exported || typeof exported !== "object") return null;
  if ("." in exported) return importable(exported["."]);
  for (const condition of ["node", "import", "module", "default"]) {
    const found = importable(exported[condition]);
    if (found) return found;
  }
  return null;
}

load().then(() => process.exit(0), failed);
