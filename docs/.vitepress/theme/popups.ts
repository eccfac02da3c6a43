/**
 * CSS alone opens and closes a popup: on hover and on focus. This puts it beside its name within the window, since long code scrolls in
 * a box of its own, which would cut it off.
 */
const gap = 8

const place = (token: Element): void => {
  const popup = token.querySelector<HTMLElement>(".twoslash-popup-container")
  if (popup === null) return
  const at = token.getBoundingClientRect()
  const { innerHeight, innerWidth } = window
  const { height, width } = popup.getBoundingClientRect()
  const above = at.bottom + height + gap > innerHeight && at.top > height + gap
  popup.style.left = `${Math.max(gap, Math.min(at.left, innerWidth - width - gap))}px`
  popup.style.top = `${above ? at.top - height : at.bottom}px`
}

const tokenOf = (target: EventTarget | null): Element | null =>
  target instanceof Element ? target.closest(".twoslash-hover") : null

export const placePopups = (document: Document): void => {
  for (const event of ["pointerover", "focusin"]) {
    document.addEventListener(event, ({ target }) => {
      const token = tokenOf(target)
      // not while the pointer is in the popup itself
      if (token !== null && !(target instanceof Element && target.closest(".twoslash-popup-container"))) place(token)
    })
  }
  // what is in the popup moves with the window, not with the text
  document.addEventListener(
    "scroll",
    () => {
      for (const token of document.querySelectorAll(".twoslash-hover:is(:hover, :focus-within)")) place(token)
    },
    { capture: true, passive: true }
  )
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && document.activeElement instanceof HTMLElement && tokenOf(document.activeElement) !== null) {
      document.activeElement.blur()
    }
  })
}
