/** The ratios as bars, in SVG, light or dark as the reader has it. */
import type { Kind } from "./clients.ts"
import type { Cell, Results } from "./results.ts"
import { median } from "./statistics.ts"

/** The kinds that are drawn: what has no network is not comparable. */
const legend: ReadonlyArray<readonly [Kind, string]> = [
  ["library", "this library"],
  ["effect", "Effect without it"],
  ["promise", "other clients"]
]

const width = 920
const labels = 410
/** Where the longest bar ends: its whisker and its figure come after. */
const end = 800
const line = 22

const style = `
.paper { fill: #ffffff }
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.label { text-anchor: end }
.range { stroke: #1f2328 }
.library { fill: #1f78d1 }
.effect { fill: #d08a1d }
.promise { fill: #8b949e }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117 }
  text { fill: #e6edf3 }
  .range { stroke: #e6edf3 }
}`

interface Bar {
  readonly name: string
  readonly kind: Kind
  readonly middle: number
  readonly least: number
  readonly most: number
}

const barOf = ({ client, samples }: Cell): Bar => {
  const ratios = samples.map(({ ratio }) => ratio)
  return { ...client, middle: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

export const plot = ({ cells }: Results): string => {
  const drawn = cells.filter(({ client }) => legend.some(([kind]) => kind === client.kind))
  const widest = Math.max(...drawn.map(barOf).map(({ most }) => most))
  const xOf = (ratio: number): string => (labels + (ratio / widest) * (end - labels)).toFixed(1)

  const drawBar = ({ kind, least, middle, most, name }: Bar, y: number): string =>
    [
      `<text class="label" x="${labels - 8}" y="${y + 15}">${escape(name)}</text>`,
      `<rect class="${kind}" x="${labels}" y="${y + 3}" width="${(Number(xOf(middle)) - labels).toFixed(1)}" height="${line - 6}"/>`,
      `<path class="range" d="M${xOf(least)} ${y + line / 2}H${xOf(most)}"/>`,
      `<text x="${Number(xOf(Math.max(middle, most))) + 6}" y="${y + 15}">${middle.toFixed(2)}</text>`
    ].join("\n")

  const parts: Array<string> = []
  let y = 30
  parts.push(`<text class="title" x="12" y="${y}">Processor time of a deletion ÷ undici.request: less is better</text>`)
  y += 14
  legend.forEach(([kind, name], index) => {
    const x = 12 + index * 150
    parts.push(`<rect class="${kind}" x="${x}" y="${y}" width="12" height="12"/>`)
    parts.push(`<text x="${x + 18}" y="${y + 11}">${name}</text>`)
  })
  y += 18
  for (const number of new Set(drawn.map(({ concurrency }) => concurrency))) {
    y += line
    parts.push(`<text class="title" x="12" y="${y}">${number} at a time</text>`)
    y += 8
    const bars = drawn.filter(({ concurrency }) => concurrency === number).map(barOf)
    for (const bar of bars.toSorted((one, other) => one.middle - other.middle)) {
      parts.push(drawBar(bar, y))
      y += line
    }
  }
  const height = y + 12
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>Processor time of a deletion, divided by that of undici.request</title>
<style>${style}
</style>
<rect class="paper" width="${width}" height="${height}"/>
${parts.join("\n")}
</svg>
`
}
