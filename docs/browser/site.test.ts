import { Errors } from "effect-bigin"
import { readdirSync, readFileSync } from "node:fs"
import type { Server } from "node:http"
import { createRequire } from "node:module"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launch } from "../../examples/browser/chromium.ts"
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
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  server?.close()
})

type Options = Parameters<Browser["newContext"]>[0]

/** It ends with the browser. */
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

/** A page whose scripts listen: what is pressed before is lost. */
const visit = async (path: string, options?: Options): Promise<Page> => {
  const page = await (await open(options)).newPage()
  await page.goto(`${origin}/${path}`)
  await page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {}))
  return page
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

describe("every page, at 360 pixels", () => {
  interface Seen {
    readonly ids: ReadonlyArray<string>
    readonly links: ReadonlyArray<string>
    readonly width: number
  }
  const seen = new Map<string, Seen>()

  beforeAll(async () => {
    const look = (page: Page): Promise<Seen> =>
      page.evaluate(() => ({
        ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
        links: [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].map(({ href }) => href),
        width: document.documentElement.scrollWidth
      }))
    const context = await open({ viewport: { width: 360, height: 740 } })
    await onEach(context, async (page, name) => void seen.set(`/${name}`, await look(page)))
  })

  it("has no link and no anchor that leads nowhere", () => {
    const isDead = (link: string): boolean => {
      const { hash, pathname } = new URL(link)
      const page = seen.get(pathname.endsWith("/") ? `${pathname}index.html` : pathname)
      if (page === undefined) return !/\.(?:txt|md)$/.test(pathname)
      return hash !== "" && !page.ids.includes(decodeURIComponent(hash.slice(1)))
    }
    const own = [...seen].flatMap(([name, { links }]) =>
      [...new Set(links)].filter((link) => link.startsWith(origin)).map((link) => [name, link] as const)
    )
    expect(own.length).toBeGreaterThan(htmlFiles.length)
    expect(own.filter(([, link]) => isDead(link)).map((row) => row.join(": "))).toEqual([])
  })

  it("does not scroll sideways", () => {
    expect([...seen].filter(([, { width }]) => width > 360).map(([name]) => name)).toEqual([])
    expect(seen.size).toBe(htmlFiles.length)
  })
})

describe("the site", () => {
  it("shows every column of the table of all errors at 1280 pixels", async () => {
    const page = await visit("errors.html")
    const [width, shown] = await page
      .locator(".vp-doc table")
      .first()
      .evaluate(({ clientWidth, scrollWidth }) => [scrollWidth, clientWidth])
    expect(width).toBe(shown)
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
  })

  it("finds each error by its tag", async () => {
    const page = await visit("")
    await page.keyboard.press("Control+k")
    for (const { _tag } of Errors.BiginError.members) {
      await page.locator(".search-input").fill(_tag)
      const first = () => page.locator(".result").first().getAttribute("href")
      await expect.poll(first, { timeout: 5000 }).toMatch(new RegExp(`#${_tag.toLowerCase()}$`))
    }
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
    const page = await visit("")
    await page.mouse.move(...(await pointOn(page, "deletion")))
    expect(await openPopups(page)).toEqual([expect.stringContaining("DeleteAttachmentError")])
    await page.mouse.move(2, 2)
    expect(await openPopups(page)).toEqual([])
  })

  it.each(["light", "dark"] as const)("has the contrast of WCAG AA: %s", async (colorScheme) => {
    const page = await visit("", { colorScheme })
    await nameIn(page, "deletion").focus()
    expect(await openPopups(page)).toHaveLength(1)
    expect(await contrastFaults(page)).toEqual([])
  })

  it("opens on a tap within a narrow window, and closes by a tap elsewhere", async () => {
    const page = await visit("", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
    await page.touchscreen.tap(...(await pointOn(page, "deletion")))
    expect(await openPopups(page)).toEqual([expect.stringContaining("DeleteAttachmentError")])
    const popup = await nameIn(page, "deletion").locator(".twoslash-popup-container").boundingBox()
    expect(popup?.x).toBeGreaterThanOrEqual(0)
    expect((popup?.x ?? 0) + (popup?.width ?? 0)).toBeLessThanOrEqual(360)
    await page.locator("h1").tap()
    expect(await openPopups(page)).toEqual([])
  })

  it("opens by the Tab key, and Escape closes it", async () => {
    const page = await visit("")
    await page.locator("h1").click()
    for (let presses = 0; presses < 40 && (await openPopups(page)).length === 0; presses++)
      await page.keyboard.press("Tab")
    expect(await openPopups(page)).toHaveLength(1)
    await page.keyboard.press("Escape")
    expect(await openPopups(page)).toEqual([])
  })
})

describe("a program", () => {
  it("is copied as it was written, without what popups say", async () => {
    const page = await visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await page.locator(".language-ts").first().hover()
    await page.locator(".language-ts button.copy").first().click()
    await page.locator(".language-ts button.copy.copied").first().waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    const [, written = ""] = /```ts twoslash\n([\s\S]*?)```/.exec(readFileSync(`${dist}../../index.md`, "utf8")) ?? []
    const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "" && !line.includes("^?"))
    expect(linesOf(copied)).toEqual(linesOf(written))
  })
})

describe("the browser", () => {
  it("had nothing to complain about, and asked no other host", () => {
    expect(complaints).toEqual([])
  })
})
