// Runs before the first paint: turns the chosen appearance ("system" follows the device) into daisyUI's theme.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = root.dataset.appearance || "system";
    const isDark = choice === "dark" || (choice === "system" && dark.matches);
    root.dataset.theme = isDark ? "tierflow-dark" : "tierflow";
  };
  apply();
  dark.addEventListener("change", apply);
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-appearance"] });
})();
