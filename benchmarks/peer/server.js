// The peer a team would write instead: the official Socket.IO server, messages kept in MongoDB.
// `node server.js PORT [MONGO_URI]`; without a URI it only relays. ENGINE=eiows puts the WebSocket
// engine in C++ below it.
const { createServer } = require("node:http")
const { Server } = require("socket.io")

const [port, uri] = process.argv.slice(2)
const ROOM = "665f1f77bcf86cd799439011" // as long as an id of ours
const PERSON = { username: "ana", display_name: "Ana" }

async function openMessages() {
  if (!uri) return null
  const { MongoClient } = require("mongodb")
  const durable = { writeConcern: { w: "majority", journal: true } }
  const client = await new MongoClient(uri, durable).connect()
  const messages = client.db().collection("messages")
  await messages.createIndex({ room_id: 1, _id: 1 })
  return messages
}

async function serve() {
  const messages = await openMessages()
  const http = createServer()
  const io = new Server(http, {
    transports: ["websocket"],
    perMessageDeflate: false,
    ...(process.env.ENGINE && { wsEngine: require(process.env.ENGINE).Server }),
  })
  io.on("connection", (socket) => {
    socket.join(ROOM)
    // A relay: what one says, to everyone in the room, and kept nowhere.
    socket.on("typing", ({ room_id }) => io.to(ROOM).emit("typing", { room_id, ...PERSON }))
    // A post: stored first, then told to everyone, then acknowledged.
    socket.on("post_message", async ({ text }, answer) => {
      const message = { room_id: ROOM, text, sender: PERSON.username, created_at: new Date() }
      const { insertedId } = await messages.insertOne(message)
      const id = insertedId.toString()
      io.to(ROOM).emit("message_posted", { message: { ...message, id, _id: undefined } })
      answer({ ok: true, id })
    })
  })
  http.listen(port, "127.0.0.1")
}

serve()
