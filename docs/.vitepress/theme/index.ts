import type { Theme } from "vitepress"
import theme from "vitepress/theme-without-fonts"
import { placePopups } from "./popups.ts"
// behind the styles of VitePress, which they change
import "@shikijs/twoslash/style-rich.css"
import "./theme.css"

const extended: Theme = {
  extends: theme,
  enhanceApp: () => {
    if (typeof document !== "undefined") placePopups(document)
  }
}

// a theme of VitePress is a default export
export default extended
