import { defineConfig } from "@playwright/test";

// Debian's Chromium; a download of Playwright's own would need a server that may be out of reach.
export const chromium = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export default defineConfig({
  testDir: "journeys",
  timeout: 45_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1,
  retries: 0,
  reporter: [["list"], ["json"]],
  outputDir: "test-results/artifacts",
  use: { actionTimeout: 20_000, launchOptions: chromium, locale: "en-US", trace: "retain-on-failure", screenshot: "only-on-failure" },
});
