// Starts Azurite's blob service on a free port with an empty container `deployments`, and prints its address on one
// line. Ends when its standard input does. Usage: node azurite.mjs <folder with node_modules/azurite> <data folder>
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { createServer } from "node:net";
import { join } from "node:path";

// Azurite's one built-in account; its key is published in Azurite's documentation.
const ACCOUNT = "devstoreaccount1";
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const VERSION = "2021-08-06";

const [tools, data] = process.argv.slice(2);

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

const azurite = spawn(
  process.execPath,
  [
    join(tools, "node_modules/azurite/dist/src/blob/main.js"),
    "--silent",
    "--skipApiVersionCheck",
    "--blobPort",
    String(port),
    "--location",
    data,
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
const end = () => {
  azurite.kill("SIGKILL");
  process.exit(0);
};
process.stdin.on("end", end).on("close", end).resume();
azurite.on("exit", (code) => process.exit(code ?? 1));

const address = `http://127.0.0.1:${port}`;
const container = `/${ACCOUNT}/deployments`;

async function createContainer() {
  const date = new Date().toUTCString();
  const signed = [
    "PUT",
    ...Array(11).fill(""),
    `x-ms-date:${date}`,
    `x-ms-version:${VERSION}`,
    `/${ACCOUNT}${container}`,
    "restype:container",
  ].join("\n");
  const signature = createHmac("sha256", Buffer.from(KEY, "base64")).update(signed, "utf8").digest("base64");
  const headers = {
    "x-ms-date": date,
    "x-ms-version": VERSION,
    Authorization: `SharedKey ${ACCOUNT}:${signature}`,
  };
  return fetch(`${address}${container}?restype=container`, { method: "PUT", headers });
}

for (;;) {
  try {
    const { status } = await createContainer();
    if (status === 201) break;
    console.error(`Azurite refused the container: ${status}`);
    end();
  } catch {
    // Not listening yet.
    await new Promise((again) => setImmediate(again));
  }
}
console.log(address);
