/** Who did everything that is told of somebody. */
export const user = { name: "The owner", id: "2883756000000140001", email: "owner@example.com" }
