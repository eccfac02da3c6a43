/** Shows what a measurement has found. */
import { mkdirSync, writeFileSync } from "node:fs"
import { bare } from "./clients.ts"
import { plot } from "./plot.ts"
import type { Cell, Results, Sample } from "./results.ts"
import { median, spread } from "./statistics.ts"

/** Prints the tables, and writes all numbers and the plot of them to the folder. */
export const report = (results: Results, folder: URL): void => {
  console.log(tables(results))
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL("latest.json", folder), `${JSON.stringify(results, rounded)}\n`)
  writeFileSync(new URL("latest.svg", folder), plot(results))
}

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toFixed(3)) : value

const tables = (results: Results): string => {
  const { cells, cores, firstProgram, node, requests, rounds, versions, warmUp } = results
  const numbers = [...new Set(cells.map(({ concurrency }) => concurrency))]
  return [
    `Node ${node}, ${cores} cores; ${requests} requests after ${warmUp} of warm-up in each process; rounds: ${rounds}.`,
    `Figures are medians, with the least and the most in brackets; CPU and memory are those of the client's process.`,
    `A bound limits how much of an answer is read: the library's is 1 MiB, and its timeout 30 seconds.`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    ...numbers.map((number) => table(cells, number)),
    `The README's first program: ${spread(firstProgram.load, 0)} ms to import, ${firstProgram.modules} modules,`,
    `${(firstProgram.bytes / 1000).toFixed(1)} kB for a browser (min + gzip).`
  ].join("\n")
}

const table = (cells: ReadonlyArray<Cell>, concurrency: number): string => `
### ${concurrency} at a time

| client | CPU µs a request | ÷ undici.request | requests a second | peak MB | import ms | does less |
| --- | ---: | ---: | ---: | ---: | ---: | --- |
${cells
  .filter((cell) => cell.concurrency === concurrency)
  .map(row)
  .join("\n")}
`

const row = ({ client, samples }: Cell): string => {
  const of = (key: keyof Sample) => samples.map((sample) => sample[key])
  const columns = [
    client.name,
    median(of("cpu")).toFixed(1),
    client.file === bare.file ? "1" : spread(of("ratio"), 2),
    median(of("rate")).toFixed(0),
    median(of("peak")).toFixed(0),
    median(of("load")).toFixed(0),
    client.doesLess
  ]
  return `| ${columns.join(" | ")} |`
}
