/** Builds the canvas island and its peer for the benchmark into the folder that BENCH_OUT names. */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const islands = resolve(import.meta.dirname, "../frontend/islands");
const require = createRequire(resolve(islands, "package.json"));
const load = async (name) => (await import(pathToFileURL(require.resolve(name)).href)).default;
const react = await load("@vitejs/plugin-react");
const tailwind = await load("@tailwindcss/vite");
const modules = resolve(islands, "node_modules");

export default {
  root: islands,
  publicDir: false,
  plugins: [react(), tailwind()],
  server: { fs: { allow: [resolve(import.meta.dirname, "..")] } },
  resolve: {
    alias: [
      { find: /^tailwindcss$/, replacement: resolve(modules, "tailwindcss/index.css") },
      { find: /^daisyui$/, replacement: resolve(modules, "daisyui/index.js") },
      { find: /^(@xyflow\/react|react-dom|react)($|\/)/, replacement: `${modules}/$1$2` },
    ],
    dedupe: ["react", "react-dom"],
  },
  build: {
    outDir: process.env.BENCH_OUT,
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: {
      input: {
        canvas: resolve(islands, "canvas/entry.tsx"),
        peer: resolve(import.meta.dirname, "canvas_peer.tsx"),
        app: resolve(import.meta.dirname, "../frontend/styles/app.css"),
      },
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name][extname]" },
    },
  },
};
