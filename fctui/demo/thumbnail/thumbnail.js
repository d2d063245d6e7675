"use strict";
// The same thumbnail as a small web server, for callers that send the picture itself.
const express = require("express");
const sharp = require("sharp");

const app = express();

app.post("/thumbnail", express.raw({ type: "image/*", limit: "20mb" }), async (request, response) => {
  const width = Number(request.query.width) || 160;
  const small = await sharp(request.body).resize({ width }).webp().toBuffer();
  response.type("image/webp").send(small);
});

// For events that bring the picture: event.json. Lambda has parsed them already.
app.handler = async (event) => {
  const { picture, width = 160 } = Buffer.isBuffer(event) ? JSON.parse(event) : event;
  const small = await sharp(Buffer.from(picture, "base64")).resize({ width }).webp().toBuffer();
  return { thumbnail: small.toString("base64") };
};

module.exports = app;

if (require.main === module) {
  app.listen(process.env.FC_SERVER_PORT || 9000);
}
