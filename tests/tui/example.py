"""An example project as registries would answer: fixed names, versions and sizes in bytes."""

# ruff: noqa: E501 - a table has a row in a line
from __future__ import annotations

PIP = """
opencv-python 5.0.0.93 92100000 numpy
pandas 3.1.1 40200000 numpy python-dateutil tzdata
pillow 13.0.0 9140000
oss2 2.19.1 212000 crcmod requests pycryptodome aliyun-python-sdk-kms aliyun-python-sdk-core six
PyMySQL 1.1.2 165000
numpy 2.4.6 21900000
python-dateutil 2.9.0.post0 402000 six
tzdata 2026.2 618000
six 1.17.0 34000
crcmod 1.7 88000
requests 2.33.1 208000 charset-normalizer idna urllib3 certifi
charset-normalizer 3.4.6 480000
idna 3.20 320000
urllib3 2.6.3 410000
certifi 2026.10.18 291000
pycryptodome 3.23.0 7620000
aliyun-python-sdk-kms 2.16.5 310000 aliyun-python-sdk-core
aliyun-python-sdk-core 2.16.0 2510000 jmespath cryptography
jmespath 0.10.0 71000
cryptography 46.0.5 14900000 cffi
cffi 2.0.0 1420000 pycparser
pycparser 3.0 590000
"""
"""name, version, installed bytes, requires."""

PIP_ROOTS = "opencv-python>=5 pandas pillow==13.0.0 oss2 PyMySQL"

APT = """
libgl1 1.6.0-1 180000 libglvnd0 libglx0 libc6
libglx0 1.6.0-1 215000 libglvnd0 libx11-6 libglx-mesa0
libglvnd0 1.6.0-1 670000
libglx-mesa0 22.3.6-1 560000 libgl1-mesa-dri libglapi-mesa libdrm2 libx11-6 libx11-xcb1 libxcb-dri2-0 libxcb-dri3-0 libxcb-glx0 libxcb-present0 libxcb-randr0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb1 libxext6 libxfixes3 libxshmfence1 libxxf86vm1 libexpat1
libgl1-mesa-dri 22.3.6-1 30200000 libdrm2 libdrm-amdgpu1 libdrm-nouveau2 libdrm-radeon1 libdrm-intel1 libelf1 libexpat1 libglapi-mesa libllvm15 libsensors5 libzstd1 zlib1g
libglapi-mesa 22.3.6-1 290000
libllvm15 15.0.6-4 110200000 libedit2 libtinfo6 libxml2 libzstd1
libdrm2 2.4.114-1 118000 libdrm-common
libdrm-common 2.4.114-1 42000
libdrm-amdgpu1 2.4.114-1 66000 libdrm2
libdrm-nouveau2 2.4.114-1 60000 libdrm2
libdrm-radeon1 2.4.114-1 65000 libdrm2
libdrm-intel1 2.4.114-1 201000 libdrm2 libpciaccess0
libpciaccess0 0.17-2 118000 zlib1g
libelf1 0.188-2 400000 zlib1g
libexpat1 2.5.0-1 420000
libsensors5 3.6.0-7 104000 libsensors-config
libsensors-config 3.6.0-7 29000
libzstd1 1.5.4 830000
zlib1g 1.2.13 170000
libedit2 3.1 260000 libbsd0 libtinfo6
libbsd0 0.11.7 220000 libmd0
libmd0 1.0.4 80000
libtinfo6 6.4 540000
libxml2 2.9.14 1920000 libicu72 zlib1g
libicu72 72.1 37100000
libx11-6 1.8.4 1570000 libx11-data libxcb1
libx11-data 1.8.4 1560000
libx11-xcb1 1.8.4 248000
libxcb1 1.15 289000 libxau6 libxdmcp6
libxau6 1.0.9 39000
libxdmcp6 1.1.2 47000 libbsd0
libxcb-dri2-0 1.15 115000 libxcb1
libxcb-dri3-0 1.15 115000 libxcb1
libxcb-glx0 1.15 160000 libxcb1
libxcb-present0 1.15 112000 libxcb1
libxcb-randr0 1.15 140000 libxcb1
libxcb-shm0 1.15 113000 libxcb1
libxcb-sync1 1.15 120000 libxcb1
libxcb-xfixes0 1.15 120000 libxcb1
libxext6 1.3.4 165000 libx11-6
libxfixes3 6.0.0 73000 libx11-6
libxshmfence1 1.3 28000
libxxf86vm1 1.1.4 36000 libx11-6 libxext6
libc6 2.36-9 12900000
"""

APT_ROOTS = "libgl1"

NPM = """
express 5.2.1 75000 accepts body-parser content-disposition content-type cookie cookie-signature debug depd encodeurl escape-html etag finalhandler fresh http-errors merge-descriptors mime-types on-finished once parseurl proxy-addr qs range-parser router send serve-static statuses type-is vary
sharp 0.34.5 530000 @img/colour detect-libc semver @img/sharp-linux-x64 @img/sharp-libvips-linux-x64
@img/colour 1.0.0 24000
@img/sharp-linux-x64 0.34.5 352000 @img/sharp-libvips-linux-x64
@img/sharp-libvips-linux-x64 1.2.4 16900000
detect-libc 2.1.2 24000
semver 7.7.4 98000
accepts 2.0.0 16000 mime-types negotiator
negotiator 1.0.0 28000
body-parser 2.2.2 39000 bytes content-type debug http-errors iconv-lite on-finished qs raw-body type-is
bytes 3.1.2 13000
content-disposition 1.0.1 20000
content-type 1.0.5 11000
cookie 0.7.2 24000
cookie-signature 1.2.2 8000
debug 4.4.3 43000 ms
ms 2.1.3 7000
depd 2.0.0 27000
encodeurl 2.0.0 8000
escape-html 1.0.3 4000
etag 1.8.1 11000
finalhandler 2.1.1 16000 debug encodeurl escape-html on-finished parseurl statuses
fresh 2.0.0 9000
http-errors 2.0.1 19000 depd inherits setprototypeof statuses toidentifier
inherits 2.0.4 4000
setprototypeof 1.2.0 4000
toidentifier 1.0.1 5000
iconv-lite 0.7.2 350000 safer-buffer
safer-buffer 2.1.2 42000
merge-descriptors 2.0.0 5000
mime-types 3.0.2 19000 mime-db
mime-db 1.54.0 216000
on-finished 2.4.1 13000 ee-first
ee-first 1.1.1 7000
once 1.4.0 4000 wrappy
wrappy 1.0.2 3000
parseurl 1.3.3 10000
proxy-addr 2.0.7 16000 forwarded ipaddr.js
forwarded 0.2.0 6000
ipaddr.js 1.9.1 57000
qs 6.15.0 310000 side-channel
side-channel 1.1.0 24000 es-errors object-inspect side-channel-list side-channel-map side-channel-weakmap
es-errors 1.3.0 12000
object-inspect 1.13.4 102000
side-channel-list 1.0.0 18000 es-errors object-inspect
side-channel-map 1.0.1 19000 call-bound es-errors get-intrinsic object-inspect
side-channel-weakmap 1.0.2 20000 call-bound es-errors get-intrinsic object-inspect side-channel-map
call-bound 1.0.4 15000 call-bind-apply-helpers get-intrinsic
call-bind-apply-helpers 1.0.2 16000 es-errors function-bind
function-bind 1.1.2 28000
get-intrinsic 1.3.0 41000 call-bind-apply-helpers es-define-property es-errors es-object-atoms function-bind get-proto gopd has-symbols hasown math-intrinsics
es-define-property 1.0.1 11000
es-object-atoms 1.1.1 13000 es-errors
get-proto 1.0.1 10000 dunder-proto es-object-atoms
dunder-proto 1.0.1 15000 call-bind-apply-helpers es-errors gopd
gopd 1.2.0 10000
has-symbols 1.1.0 21000
hasown 2.0.2 9000 function-bind
math-intrinsics 1.1.0 17000
range-parser 1.2.1 9000
raw-body 3.0.2 20000 bytes http-errors iconv-lite unpipe
unpipe 1.0.0 4000
router 2.2.0 37000 debug depd is-promise parseurl path-to-regexp
is-promise 4.0.0 7000
path-to-regexp 8.4.0 70000
send 1.2.1 48000 debug encodeurl escape-html etag fresh http-errors mime-types ms on-finished range-parser statuses
serve-static 2.2.1 26000 encodeurl escape-html parseurl send
statuses 2.0.2 13000
type-is 2.0.1 21000 content-type media-typer mime-types
media-typer 1.1.0 11000
vary 1.1.2 9000
"""

NPM_ROOTS = "express@^5 sharp@^0.34"

SUMMARIES = {
    "numpy": "Fundamental package for array computing in Python",
    "opencv-python": "Wrapper package for OpenCV python bindings.",
    "pandas": "Powerful data structures for data analysis, time series, and statistics",
    "libgl1": "Vendor neutral GL dispatch library -- legacy GL support",
    "sharp": "High performance Node.js image processing",
}

INDEX = (
    ("libgl1", "1.6.0-1", "Vendor neutral GL dispatch library -- legacy GL support"),
    ("libgl1-mesa-dri", "22.3.6-1", "free implementation of the OpenGL API -- DRI modules"),
    ("libgl-dev", "1.6.0-1", "Vendor neutral GL dispatch library -- GL development files"),
    ("libglib2.0-0", "2.74.6-2", "GLib library of C routines"),
    ("libglu1-mesa", "9.0.2-1.1", "Mesa OpenGL utility library (GLU)"),
    ("libglew2.2", "2.2.0-4", "OpenGL Extension Wrangler - runtime environment"),
    ("libglvnd0", "1.6.0-1", "Vendor neutral GL dispatch library"),
    ("libglx0", "1.6.0-1", "Vendor neutral GL dispatch library -- GLX support"),
)
"""name, version, summary: what a search for libgl finds first."""
