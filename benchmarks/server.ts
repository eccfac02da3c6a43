/**
 * A server in a process of its own, on the loopback interface. It answers each DELETE with one write and does nothing else, so that
 * it is never what a client waits for.
 */
import { createServer } from "node:net"
import { answerTo } from "./answers.ts"

const wordOf = { 200: "OK", 400: "Bad Request" } as const

const reply = (path: string): string => {
  const { body, status } = answerTo(path)
  return `HTTP/1.1 ${status} ${wordOf[status]}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: keep-alive\r\n\r\n${body}`
}

const endOfHead = "\r\n\r\n"

const server = createServer({ noDelay: true }, (socket) => {
  let text = ""
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece
    // no request here has a body, so a head is all of it
    for (let end = text.indexOf(endOfHead); end >= 0; end = text.indexOf(endOfHead)) {
      socket.write(reply(text.slice(text.indexOf(" ") + 1, text.indexOf(" HTTP/1.1"))))
      text = text.slice(end + endOfHead.length)
    }
  })
  // a client that has seen enough may cut its connections
  socket.on("error", () => socket.destroy())
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  // a string is the address of a pipe, and null that of a server that does not listen
  if (typeof address === "object" && address !== null) process.send?.(`http://127.0.0.1:${address.port}`)
})
process.once("disconnect", () => process.exit())
