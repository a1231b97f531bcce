import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const modules = resolve(here, "node_modules");

/** Every folder with an `entry.tsx` is an island of its own; the stylesheet of the pages is built beside them. */
function entries(): Record<string, string> {
  const islands = readdirSync(here)
    .filter((name) => existsSync(resolve(here, name, "entry.tsx")))
    .map((name) => [name, resolve(here, name, "entry.tsx")] as const);
  return { ...Object.fromEntries(islands), app: resolve(here, "../styles/app.css") };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  plugins: [react(), tailwindcss()],
  resolve: {
    // The stylesheet and the text catalogues lie outside this folder, where no node_modules is above them.
    alias: [
      { find: /^tailwindcss$/, replacement: resolve(modules, "tailwindcss/index.css") },
      { find: /^markdown-to-jsx(\/react)?$/, replacement: resolve(here, "form/markdown.tsx") },
      { find: /^daisyui$/, replacement: resolve(modules, "daisyui/index.js") },
    ],
    dedupe: ["react", "react-dom"],
  },
  build: {
    outDir: resolve(here, "../static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: entries(),
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "chunk-[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
        codeSplitting: {
          groups: [{ name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 10 }],
        },
      },
    },
  },
  server: { fs: { allow: [resolve(here, "..")] } },
  test: { include: ["**/*.test.{ts,tsx}"], exclude: ["node_modules/**"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
