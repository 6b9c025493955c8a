// Bundles the pages' script and style into dist/: app.js, app.css, and the drawings as they are.
// Nothing is fetched while a page runs: every byte a browser loads comes out of this folder.
import { build } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";

const here = new URL("./", import.meta.url).pathname;
await rm(`${here}dist`, { recursive: true, force: true });
await mkdir(`${here}dist`);
await build({
  entryPoints: { app: `${here}src/app.ts`, style: `${here}src/style/app.css` },
  outdir: `${here}dist`,
  entryNames: "app",
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  legalComments: "eof",
  target: ["es2020", "chrome90", "firefox90", "safari15"],
  logLevel: "info",
});
for (const drawing of ["icons.svg", "icon.svg"]) {
  await copyFile(`${here}src/${drawing}`, `${here}dist/${drawing}`);
}
