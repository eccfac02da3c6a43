import { Errors } from "effect-bigin"
import { readdirSync, readFileSync } from "node:fs"
import type { Server } from "node:http"
import { createRequire } from "node:module"
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { dist, serve } from "./serve.ts"

let browser: Browser
let server: Server
let origin: string

/** All that went wrong in any page of this file. */
const complaints: Array<string> = []

beforeAll(async () => {
  const served = await serve()
  server = served.server
  origin = served.origin
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })
})

afterAll(async () => {
  await browser?.close()
  server?.close()
})

type Options = Parameters<Browser["newContext"]>[0]

const open = async (options?: Options): Promise<BrowserContext> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  context.on("request", (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !url.startsWith("data:")) complaints.push(`a request to another host: ${url}`)
  })
  context.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.page()?.url()}: ${message.text()}`)
  })
  context.on("weberror", (error) => complaints.push(String(error.error())))
  return context
}

const htmlFiles = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".html") && name !== "404.html")
  .map((name) => name.replaceAll("\\", "/"))
  .toSorted()

/** Does it for each page, some at a time. */
const onEach = async (
  context: BrowserContext,
  act: (page: Page, name: string) => Promise<void>,
  some: ReadonlyArray<string> = htmlFiles
): Promise<void> => {
  const names = [...some]
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      const page = await context.newPage()
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        await page.goto(`${origin}/${name}`, { waitUntil: "load" })
        await act(page, name)
      }
      await page.close()
    })
  )
}

/** The popups that can be seen, as their texts. */
const openPopups = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(() =>
    [...document.querySelectorAll(".twoslash-hover .twoslash-popup-container")]
      .filter((popup) => popup.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((popup) => popup.textContent ?? "")
  )

/** The first name of that kind on the page that has a popup. */
const nameIn = (page: Page, name: string) =>
  page
    .locator(".twoslash-hover")
    .filter({ has: page.locator(".twoslash-popup-container"), hasText: new RegExp(`${name}$`) })
    .first()

/** A point on the name itself. */
const pointOn = async (page: Page, name: string): Promise<readonly [number, number]> => {
  const token = nameIn(page, name)
  await token.scrollIntoViewIfNeeded()
  const box = await token.boundingBox()
  if (box === null) throw new Error(`${name} is not to be seen`)
  return [box.x + 4, box.y + box.height / 2]
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

interface Axe {
  readonly run: (
    context: string,
    options: { readonly runOnly: ReadonlyArray<string> }
  ) => Promise<{
    readonly violations: ReadonlyArray<{
      readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
    }>
  }>
}

const contrastFaults = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    // axe puts itself there
    const { axe } = window as unknown as { axe: Axe }
    const { violations } = await axe.run("body", { runOnly: ["color-contrast"] })
    return violations.flatMap(({ nodes }) =>
      nodes.map(({ failureSummary, html }) => `${html.slice(0, 120)}: ${failureSummary?.split("\n")[1]?.trim()}`)
    )
  })
}

describe("the site", () => {
  it("has no link and no anchor that leads nowhere, on any page", async () => {
    const context = await open()
    const ids = new Map<string, ReadonlySet<string>>()
    const links: Array<readonly [string, string]> = []
    await onEach(context, async (page, name) => {
      const found = await page.evaluate(() => ({
        ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
        links: [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].map(({ href }) => href)
      }))
      ids.set(`/${name}`, new Set(found.ids))
      for (const link of found.links) if (link.startsWith(origin)) links.push([name, link])
    })
    const dead = links.filter(([, link]) => {
      const { hash, pathname } = new URL(link)
      const found = ids.get(pathname.endsWith("/") ? `${pathname}index.html` : pathname)
      if (found === undefined) return !/\.(?:txt|md)$/.test(pathname)
      return hash !== "" && !found.has(decodeURIComponent(hash.slice(1)))
    })
    expect([...new Set(dead.map(([name, link]) => `${name}: ${link.slice(origin.length)}`))]).toEqual([])
    expect(links.length).toBeGreaterThan(htmlFiles.length)
    await context.close()
  })

  it("does not scroll sideways at 360 pixels, on any page", async () => {
    const context = await open({ viewport: { width: 360, height: 740 } })
    const wide: Array<string> = []
    await onEach(context, async (page, name) => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      if (width > 360) wide.push(`${name}: ${width}`)
    })
    expect(wide).toEqual([])
    await context.close()
  })

  it("shows every column of the table of all errors at 1280 pixels", async () => {
    const context = await open()
    const page = await context.newPage()
    await page.goto(`${origin}/errors.html`)
    const [width, shown] = await page
      .locator(".vp-doc table")
      .first()
      .evaluate(({ clientWidth, scrollWidth }) => [scrollWidth, clientWidth])
    expect(width).toBe(shown)
    await context.close()
  })

  it.each(["light", "dark"] as const)("has the contrast of WCAG AA on a page of each kind: %s", async (colorScheme) => {
    const context = await open({ colorScheme })
    const faults: Array<string> = []
    const ofEachKind = htmlFiles.filter((name) =>
      /^index|^handbook\/(?:02|05)|^api\/.*(?:Attachments|Throttle)/.test(name)
    )
    await onEach(
      context,
      async (page, name) => {
        for (const fault of await contrastFaults(page)) faults.push(`${name}: ${fault}`)
      },
      ofEachKind
    )
    expect(faults).toEqual([])
    await context.close()
  })

  it("finds each error by its tag", async () => {
    const context = await open()
    const page = await context.newPage()
    await page.goto(origin)
    await page.keyboard.press("Control+k")
    for (const { _tag } of Errors.BiginError.members) {
      await page.locator(".search-input").fill(_tag)
      const first = () => page.locator(".result").first().getAttribute("href")
      await expect.poll(first, { timeout: 5000 }).toMatch(new RegExp(`#${_tag.toLowerCase()}$`))
    }
    await context.close()
  })

  it("has a list of its pages for programs, each of which is there", async () => {
    const text = await (await fetch(`${origin}/llms.txt`)).text()
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link)
    expect(links.length).toBeGreaterThan(10)
    const summaries = [...text.matchAll(/^(?:> |- \[.*?\]\([^)]+\): )(.*)$/gm)].map(([, summary = ""]) => summary)
    expect(summaries.filter((summary) => !/^[^"].*[.!?]$/.test(summary))).toEqual([])
    for (const link of links) expect([link, (await fetch(`${origin}/${link}`)).status]).toEqual([link, 200])
  })
})

describe("a popup", () => {
  it("shows the union by its name while the pointer is there, and goes with it", async () => {
    const context = await open()
    const page = await context.newPage()
    await page.goto(origin)
    await page.mouse.move(...(await pointOn(page, "deletion")))
    expect(await openPopups(page)).toEqual([expect.stringContaining("DeleteAttachmentError")])
    await page.mouse.move(2, 2)
    expect(await openPopups(page)).toEqual([])
    await context.close()
  })

  it.each(["light", "dark"] as const)("has the contrast of WCAG AA: %s", async (colorScheme) => {
    const context = await open({ colorScheme })
    const page = await context.newPage()
    await page.goto(origin)
    await nameIn(page, "deletion").focus()
    expect(await openPopups(page)).toHaveLength(1)
    expect(await contrastFaults(page)).toEqual([])
    await context.close()
  })

  it("opens on a tap within a narrow window, and closes by a tap elsewhere", async () => {
    const context = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
    const page = await context.newPage()
    await page.goto(origin)
    await page.touchscreen.tap(...(await pointOn(page, "deletion")))
    expect(await openPopups(page)).toEqual([expect.stringContaining("DeleteAttachmentError")])
    const popup = await nameIn(page, "deletion").locator(".twoslash-popup-container").boundingBox()
    expect(popup?.x).toBeGreaterThanOrEqual(0)
    expect((popup?.x ?? 0) + (popup?.width ?? 0)).toBeLessThanOrEqual(360)
    await page.locator("h1").tap()
    expect(await openPopups(page)).toEqual([])
    await context.close()
  })

  it("opens by the Tab key, and Escape closes it", async () => {
    const context = await open()
    const page = await context.newPage()
    await page.goto(origin)
    await page.locator("h1").click()
    for (let presses = 0; presses < 40 && (await openPopups(page)).length === 0; presses++)
      await page.keyboard.press("Tab")
    expect(await openPopups(page)).toHaveLength(1)
    await page.keyboard.press("Escape")
    expect(await openPopups(page)).toEqual([])
    await context.close()
  })
})

describe("a program", () => {
  it("is copied as it was written, without what popups say", async () => {
    const context = await open({ permissions: ["clipboard-read", "clipboard-write"] })
    const page = await context.newPage()
    await page.goto(origin)
    await page.locator(".language-ts").first().hover()
    await page.locator(".language-ts button.copy").first().click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    const [, written = ""] = /```ts twoslash\n([\s\S]*?)```/.exec(readFileSync(`${dist}../../index.md`, "utf8")) ?? []
    const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "" && !line.includes("^?"))
    expect(linesOf(copied)).toEqual(linesOf(written))
    await context.close()
  })
})

describe("the browser", () => {
  it("had nothing to complain about, and asked no other host", () => {
    expect(complaints).toEqual([])
  })
})
