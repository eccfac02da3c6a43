#!/usr/bin/env node
import { main } from "../dist/internal/command.js"

await main(process.argv.slice(2))
