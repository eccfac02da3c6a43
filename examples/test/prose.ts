/** Sentences of a Markdown text, for people who read it as their second language. */

/** Without programs, comments and what is code in a line. */
const proseOf = (text: string): string =>
  text
    .replaceAll(/^ *```[\s\S]*?^ *```/gm, "\n")
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .replaceAll(/`[^`]*`/g, "code")
    .replaceAll(/\]\([^)]*\)/g, "]")

/** A list's item, a row, a heading and a paragraph begin a sentence of their own. */
const sentencesOf = (text: string): ReadonlyArray<string> =>
  proseOf(text)
    .split(/\n\s*\n|\n(?=\s*(?:[-|#]|\d+\.))/)
    .filter((part) => !/^\s*[|#]/.test(part))
    .flatMap((part) => part.replaceAll(/\s+/g, " ").split(/(?<=[.!?:])\s/))

export const longSentences = (text: string, mostWords: number): ReadonlyArray<string> =>
  sentencesOf(text).filter((sentence) => sentence.trim().split(" ").length > mostWords)
