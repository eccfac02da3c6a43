/** What it takes to load the first program, in milliseconds. */
const before = performance.now()
await import("./firstProgram.ts")
process.stdout.write(String(performance.now() - before))
