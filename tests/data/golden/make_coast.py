#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes coast.json: the sample coast once more, whole arrays at a time in numpy, and what it gives. Run in this folder; Debian's python3-numpy.

Masks over whole arrays, later ones over earlier ones; engine/io/sample/coast_scene.cpp decides point by point.
"""
import json

import numpy as np

u32 = np.uint32
NM = [370, 440, 480, 520, 560, 600, 650, 680, 700, 720, 750, 800, 860, 970, 1080, 1200, 1280, 1380, 1450, 1550, 1650, 1750, 1820, 1930, 1980, 2100,
        2200, 2300, 2400, 2510]
T = {
    'deep': [26, 28, 25, 19, 13, 7, 4, 4, 3, 2.5, 2, 1.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    'shelf': [34, 44, 52, 58, 56, 34, 19, 15, 10, 6, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    'shallow': [70, 105, 130, 165, 175, 130, 92, 76, 52, 27, 15, 10, 6, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    'foam': [430, 470, 480, 485, 485, 480, 470, 465, 460, 450, 440, 430, 415, 360, 350, 290, 290, 150, 110, 120, 130, 100, 90, 40, 40, 60, 60, 45, 30, 25],
    'wet': [60, 81, 98, 119, 140, 162, 180, 187, 192, 197, 204, 212, 219, 208, 223, 212, 217, 162, 119, 170, 191, 191, 174, 76, 94, 153, 162, 144, 119, 102],
    'sand': [96, 148, 180, 216, 252, 284, 310, 320, 326, 332, 342, 354, 366, 376, 396, 406, 416, 404, 388, 432, 448, 456, 448, 392, 404, 448, 452,
            428, 404, 376],
    'crop': [28, 34, 38, 52, 96, 62, 44, 38, 105, 255, 440, 480, 492, 470, 490, 430, 440, 280, 95, 205, 275, 230, 190, 55, 65, 120, 150, 100, 65, 45],
    'forest': [22, 28, 30, 40, 65, 48, 35, 31, 62, 135, 235, 262, 275, 262, 275, 232, 238, 150, 52, 105, 142, 118, 98, 30, 34, 60, 76, 52, 36, 26],
    'dry': [55, 92, 115, 148, 190, 232, 262, 272, 285, 300, 322, 348, 372, 395, 420, 412, 425, 380, 310, 400, 430, 405, 390, 240, 260, 330, 310, 265,
            235, 195],
    'soil': [55, 78, 95, 118, 150, 182, 208, 218, 226, 234, 248, 268, 286, 312, 342, 360, 372, 355, 325, 385, 402, 408, 402, 325, 345, 392, 348, 345,
            328, 300],
    'char': [28, 32, 34, 37, 40, 44, 48, 50, 52, 54, 57, 62, 68, 80, 95, 110, 120, 125, 125, 150, 165, 172, 175, 160, 165, 190, 192, 190, 185, 180],
    'tile': [75, 85, 95, 112, 150, 225, 285, 298, 305, 310, 318, 325, 330, 345, 365, 382, 392, 395, 392, 410, 420, 425, 425, 410, 415, 425, 412, 405,
            395, 385],
    'pale': [147, 239, 267, 285, 299, 308, 317, 322, 324, 326, 329, 335, 339, 342, 348, 346, 350, 336, 317, 342, 346, 340, 333, 285, 294, 322, 313,
            294, 276, 258],
    'road': [70, 78, 84, 90, 96, 101, 106, 109, 111, 112, 115, 118, 122, 128, 135, 141, 145, 146, 146, 154, 158, 161, 162, 158, 160, 166, 164, 162, 160, 158],
    'cloud': [760, 800, 810, 815, 818, 818, 815, 812, 810, 808, 805, 800, 795, 760, 770, 700, 705, 420, 330, 390, 440, 380, 340, 160, 170, 270, 290,
            240, 190, 160],
}
MAT = list(T)
TAB = np.array([T[m] for m in MAT]) / 1000.0


def h32(ix, iy, seed):
    h = ix.astype(np.int64).astype(u32) * u32(2654435761) + iy.astype(np.int64).astype(u32) * u32(2246822507) + u32(seed * 3266489909 & 4294967295)
    h ^= h >> u32(16)
    h = h * u32(2146121005)
    h ^= h >> u32(15)
    h = h * u32(2221713035)
    h ^= h >> u32(16)
    return (h >> u32(8)).astype('f8') / 16777216.0


def noise(x, y, seed):
    x0 = np.floor(x)
    y0 = np.floor(y)
    u = x - x0
    v = y - y0
    u = u * u * u * (u * (u * 6 - 15) + 10)
    v = v * v * v * (v * (v * 6 - 15) + 10)
    a = h32(x0, y0, seed)
    b = h32(x0 + 1, y0, seed)
    c = h32(x0, y0 + 1, seed)
    d = h32(x0 + 1, y0 + 1, seed)
    return a + (b - a) * u + (c + (d - c) * u - (a + (b - a) * u)) * v


def fbm(x, y, seed, n):
    s = 0
    amp = 0.5
    tot = 0
    for k in range(n):
        s = s + amp * noise(x, y, seed + k)
        tot += amp
        x, y = (1.6 * x - 1.2 * y + 17.3, 1.2 * x + 1.6 * y + 5.7)
        amp *= 0.5
    return s / tot


def ss(a, b, v):
    t = np.clip((v - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def shore(X, Y):
    c = 38500 + 4200 * np.sin(X / 11300 + 0.4) + 1500 * np.sin(X / 3700 + 1.1) + 330 * np.sin(X / 1270 + 2.0) + 75 * np.sin(X / 411 + 0.7)
    return c - Y + 260 * (fbm(X / 700, Y / 700, 11, 3) - 0.5)


def height(X, Y, d):
    r = 1 - np.abs(2 * fbm(X / 5200, Y / 5200, 21, 6) - 1)
    return r * r * ss(300, 6000, d) * ss(900, 5000, np.abs(d - 15500 + 2600 * np.sin(X / 8700))) * 900 + 70 * fbm(X / 600, Y / 600, 31, 3) * ss(100, 900, d)


DAYS = [0, 4, 12, 20, 26, 40, 47, 55, 64, 68, 76, 82, 94]
THICK = [0.81, 0.79, 0.8, 0.8, 0.81, 0.81, 0.78, 0.81, 0.81, 0.79, 0.8, 0.8, 0.79]
DRIFT = [(1440, 1380), (-360, 900), (1440, 1740), (-3960, 5700), (8880, -300), (3240, 3180), (2880, 2220), (3240, 540), (-4080, -900), (1440, 3060),
        (240, 2580), (1560, -780), (1440, -9540)]


def scene(X, Y, day):
    di = DAYS.index(day)
    t = day / 94.0
    d = shore(X, Y)
    # grass and forest, shaded by hills
    M = np.zeros((len(MAT),) + X.shape)
    cls = np.zeros(X.shape, 'u1')

    def put(mask, cl, **mix):
        M[:, mask] = 0
        for k, v in mix.items():
            M[MAT.index(k)][mask] = np.broadcast_to(v, mask.shape)[mask]
        cls[mask] = cl
    land = d > 0
    h0 = height(X, Y, d)
    e = 20.0
    hx = height(X + e, Y, d) - h0
    hy = height(X, Y + e, d) - h0
    shade = np.clip(1 + 1.1 * (hx * 0.75 - hy * 0.55) / e, 0.55, 1.35)
    patch = fbm(X / 180, Y / 180, 41, 4)
    fine = noise(X / 11, Y / 11, 51)
    gr = np.clip(0.85 - 0.95 * ss(0.15, 0.95, t) + 0.5 * (patch - 0.5), 0.03, 0.95)
    bare = np.clip(0.12 + 0.5 * (patch - 0.5), 0, 0.4)
    put(land, 5, crop=0.62 * gr * (1 - bare), forest=0.0, dry=(1 - 0.62 * gr) * (1 - bare), soil=bare)
    hill = ss(60, 420, h0)
    tf = fbm(X / 900, Y / 900, 61, 5) + 0.42 * (fbm(X / 9000, Y / 9000, 66, 2) - 0.5) + 0.19 * hill + 0.05 * (fine - 0.5)
    fo = land & (tf > 0.545) & (d > 110)
    crown = ss(0.25, 0.8, fine)
    dens = np.clip(0.72 + 0.4 * (patch - 0.5) + 1.2 * (tf - 0.55), 0.55, 1)
    put(fo, 4, forest=dens, dry=(1 - dens) * (0.75 - 0.4 * gr), crop=(1 - dens) * 0.4 * gr, soil=(1 - dens) * 0.25)
    lit = np.where(fo, 0.78 + 0.42 * crown, 0.94 + 0.12 * fine)
    # fields
    ca, sa = (0.955336489, 0.295520207)
    U = X * ca + Y * sa
    V = -X * sa + Y * ca
    bx = np.floor(U / 230)
    by = np.floor(V / 170)
    fu = U / 230 - bx
    fv = V / 170 - by
    big = h32(bx, by, 72)
    cu = bx * 230 + 115
    cv = by * 170 + 85
    CX = cu * ca - cv * sa
    CY = cu * sa + cv * ca
    cpl = fbm(CX / 3000, CY / 3000, 71, 2)
    cd = shore(CX, CY)
    ch = height(CX, CY, cd)
    nsplit = 1 + np.floor(big * 3)
    along = h32(bx, by, 73) > 0.5
    q = np.where(along, fu, fv) * nsplit
    strip = np.floor(q)
    fq = q - strip
    w = np.where(along, 230, 170) / nsplit
    edge = np.minimum(np.minimum(fq, 1 - fq) * w, np.where(along, np.minimum(fv, 1 - fv) * 170, np.minimum(fu, 1 - fu) * 230))
    isf = land & (cpl > 0.47) & (cd > 330) & (ch < 105) & (d > 200) & (h32(bx, by, 78) < 0.93)
    key = h32(bx * 7 + strip, by, 74)
    kind = np.floor(key * 5)
    vary = 0.16 * (patch - 0.5) + 0.1 * (h32(bx * 7 + strip, by, 75) - 0.5)
    start = h32(bx * 7 + strip, by, 76) * 0.25
    g = np.select([kind == 0, kind == 1, kind == 2, kind == 3], [0.92 * ss(1.0, 0.5, t + start * 0.6), 0.95 * ss(0.1, 0.6, t - start * 0.4),
            0.9 * ss(0.45, 0.95, t - start * 0.5 + 0.1), 0.78 + 0 * t], 0.12 + 0.7 * ss(0.0, 0.4, t) * ss(1.0, 0.6, t))
    g = np.clip(g + vary * np.where(kind == 3, 0.6, 1), 0.02, 0.97)
    straw = np.where(kind == 0, ss(0.4, 0.8, t), 0.15)
    row = np.where(kind == 3, 0.82 + 0.3 * noise(U / 9, V / 9, 79), 1)
    isin = isf & (edge > 4)
    put(isin, 3, crop=np.where(kind == 3, 0.45, 1) * g, forest=np.where(kind == 3, 0.55, 0) * g, dry=(1 - g) * straw, soil=(1 - g) * (1 - straw))
    track = isf & (edge <= 4)
    put(track, 5, dry=0.55, soil=0.45)
    tone = 0.9 + 0.2 * h32(bx * 7 + strip, by, 77)
    lit = np.where(isin, (0.96 + 0.08 * fine) * row * tone, np.where(track, 1.0, lit))
    # rivers
    kk = np.floor((X + 900) / 9200)
    xr = kk * 9200 + 3600 + 520 * np.sin(Y / 1700 + kk) + 150 * np.sin(Y / 530 + 2 * kk)
    dr = np.abs(X - xr)
    rip = land & (dr < 38 + 30 * (patch - 0.5)) & (d > 60)
    put(rip, 4, forest=0.85, crop=0.15)
    lit = np.where(rip, 0.78 + 0.42 * crown, lit)
    # beach and dunes
    bw = 38 + 70 * (fbm(X / 420, Y / 420, 81, 3) - 0.42)
    be = land & (d < bw)
    wet = ss(9, 2, d)
    put(be, 2, sand=(1 - wet) * (1 - 0.0), wet=wet)
    lit = np.where(be, 0.95 + 0.1 * fine, lit)
    du = land & (d >= bw) & (d < bw + 45)
    dg = np.clip(ss(0, 45, d - bw) * 1.1 + 0.9 * (patch - 0.5), 0, 1)
    put(du, 5, sand=1 - dg, dry=dg * (0.75 - 0.3 * gr), crop=dg * (0.25 + 0.3 * gr) * 0.6, forest=dg * (0.25 + 0.3 * gr) * 0.4 + 0 * dg)
    # villages
    vi = np.floor(X / 6000)
    vx = vi * 6000 + 1800 + 2400 * h32(vi, vi * 0, 91)
    c0 = 38500 + 4200 * np.sin(vx / 11300 + 0.4) + 1500 * np.sin(vx / 3700 + 1.1) + 330 * np.sin(vx / 1270 + 2.0) + 75 * np.sin(vx / 411 + 0.7)
    vy = c0 - 620
    vr = 330 + 140 * h32(vi, vi * 0, 92)
    rr = np.sqrt((X - vx) ** 2 + ((Y - vy) * 1.25) ** 2) + 180 * (fbm(X / 300, Y / 300, 93, 2) - 0.5)
    P = X * 0.96 + Y * 0.28
    Q = -X * 0.28 + Y * 0.96
    pi = np.floor(P / 95)
    qi = np.floor(Q / 64)
    pf = P - pi * 95
    qf = Q - qi * 64
    inv = land & (rr < vr) & (d > bw + 40)
    gar = 0.45 + 0.3 * patch
    put(inv, 6, crop=0.5 * gar, forest=0.35 * gar + 0.15, dry=0.85 - 0.85 * gar - 0.0)
    lit = np.where(inv, 0.8 + 0.35 * fine, lit)
    street = inv & ((pf < 9) | (qf < 8))
    li = np.floor((pf - 9) / 21.5)
    lj = np.floor((qf - 8) / 28)
    lp = pf - 9 - li * 21.5
    lq = qf - 8 - lj * 28
    hs = h32(pi * 4 + li, qi * 2 + lj, 94)
    hk = h32(pi * 4 + li, qi * 2 + lj, 95)
    house = inv & ~street & (hs < 0.82 - 0.35 * ss(0.6, 1.0, rr / vr)) & (lp > 3) & (lp < 3 + 11 + 5 * hk) & (np.abs(lq - 14) < 6 + 3 * hk)
    put(street, 6, road=1.0)
    put(house & (hk < 0.55), 6, tile=1.0)
    put(house & (hk >= 0.55) & (hk < 0.85), 6, pale=1.0)
    put(house & (hk >= 0.85), 6, road=0.7, pale=0.3)
    lit = np.where(street, 1.0, np.where(house, np.where(lq < 14, 0.86, 1.1), lit))
    # highway
    dh = np.abs(d - (410 + 60 * np.sin(X / 900)))
    hw = land & (dh < 9)
    put(hw, 6, road=1.0)
    lit = np.where(hw, 1.0, lit)
    drv = land & (dr < 8) & (d > -5) & ~hw
    put(drv, 1, shelf=0.75, deep=0.25)
    lit = np.where(drv, 1, lit)
    # burn scars
    bi = np.floor(X / 5200)
    bj = np.floor(Y / 5200)
    ux = bi * 5200 + 1500 + 2200 * h32(bi, bj, 101)
    uy = bj * 5200 + 1500 + 2200 * h32(bi, bj, 102)
    br = 380 + 420 * h32(bi, bj, 103)
    there = h32(bi, bj, 104) < 0.4
    rb = np.sqrt((X - ux) ** 2 * 0.6 + (Y - uy) ** 2 * 1.5 + 0.9 * (X - ux) * (Y - uy)) / br + 0.75 * (fbm(X / 350, Y / 350, 105, 4) - 0.5)
    sev = np.where(there, ss(1.0, 0.78, rb) * np.clip(0.95 - 1.3 * np.clip(patch - 0.6, 0, 1), 0.5, 1), 0)
    veg = (cls == 3) | (cls == 4) | (cls == 5)
    scar = veg & (sev > 0.25) & (d > bw + 60)
    sev = np.where(scar, sev, 0)
    if day >= 40:
        M = M * (1 - sev)
        M[MAT.index('char')] += sev * 0.82
        M[MAT.index('soil')] += sev * 0.18
        lit = np.where(scar, lit * (1 - 0.25 * sev) + 0.25 * sev * (0.9 + 0.2 * fine), lit)
    cls = np.where(scar, 7, cls)
    lit = lit * np.where(land & ~drv, shade, 1)
    # the sea
    sea = ~land
    D = np.maximum(-d, 0)
    bank = 1 + 1.1 * (fbm(X / 900, Y / 900, 111, 3) - 0.5)
    fs = np.exp(-D / (95 * bank))
    fd = 1 - np.exp(-np.maximum(D - 60, 0) / (1500 * bank))
    shelf = 1 - fd
    rest = 1 - fs
    crest = noise(X / 70 + 3 * noise(X / 300, Y / 300, 122), D / 9, 121)
    foam = np.where(sea, 0.8 * ss(0.5, 0.8, crest) * ss(62, 10, D) * ss(0.3, 0.6, fbm(X / 160, Y / 500, 123, 2) + 0.25 * ss(30, 0, D)), 0)
    kelp = ss(0.62, 0.7, fbm(X / 220, Y / 220, 131, 4)) * ss(170, 300, D) * ss(900, 560, D) * 0.55
    foam = np.maximum(foam, 0.6 * ss(5, 0, D) * sea)
    put(sea, 1, shallow=(1 - foam) * (1 - kelp) * fs, deep=(1 - foam) * (1 - kelp) * rest * fd, shelf=(1 - foam) * (1 - kelp) * rest * shelf,
            forest=(1 - foam) * kelp * 0.35, **{'foam': foam})
    M[MAT.index('deep')] += np.where(sea, (1 - foam) * kelp * 0.65, 0)
    swell = 0.96 + 0.08 * noise((X + 0.35 * Y) / 160, (Y - 0.35 * X) / 38, 141)
    lit = np.where(sea, swell, lit)
    # light, clouds and their shadows
    grain = 0.985 + 0.03 * h32(np.floor(X / 5), np.floor(Y / 5), 151)
    lit = lit * grain

    def cloud(X, Y):
        x = X - DRIFT[di][0]
        y = Y - DRIFT[di][1]
        big = fbm(x / 9000, y / 9000, 201 + 17 * di, 2)
        n = fbm(x / 950, y / 950, 202 + 17 * di, 5)
        return ss(0.0, 0.085, n - THICK[di] + 0.45 * (big - 0.5))
    c = cloud(X, Y)
    s = cloud(X - 230, Y + 170)
    c = c * 0.9
    lit = lit * (1 - 0.58 * s * (1 - c))
    tone = 0.55 + 0.25 * fbm(X / 240, Y / 240, 301, 3)
    return (M, lit, c, s, cls, tone, d)


def seen(found, nm):
    M, lit, cloud, shadow, cover, tone, d = found
    at = [np.interp(nm, NM, TAB[k]) for k in range(len(MAT))]
    return sum(at[k] * M[k] for k in range(len(MAT))) * lit * (1 - cloud) + at[MAT.index('cloud')] * tone * cloud


def window(first_line, first_sample, lines, samples):
    return np.meshgrid((first_sample + np.arange(samples) + 0.5) * 5, (first_line + np.arange(lines) + 0.5) * 5)


random = np.random.default_rng(7)
pixels = []
for date in (0, 4, 5, 6, 10, 12):
    lines, samples = random.integers(0, 12023, 12), random.integers(0, 13739, 12)
    lines[6:], samples[6:] = random.integers(6732, 7072, 6), random.integers(7488, 7968, 6)
    found = scene((samples[None, :] + 0.5) * 5, (lines[None, :] + 0.5) * 5, DAYS[date])
    for i in range(12):
        pixels.append({'date': date, 'line': int(lines[i]), 'sample': int(samples[i]), 'cover': int(found[4][0, i]),
                       'cloud': float(found[2][0, i]), 'shadow': float(found[3][0, i]),
                       'values': {str(nm): float(seen(found, nm)[0, i]) for nm in (400, 555, 660, 720, 865, 1240, 1610, 2200)}})
dates = []
X, Y = window(6732, 7488, 340, 480)
RED, NIR = 662.6856495, 883.0756495  # bands of the files
for date in (0, 6, 10):
    found = scene(X, Y, DAYS[date])
    red, nir = (np.rint(seen(found, nm) * 10000) for nm in (RED, NIR))
    clear = (found[2] <= 0.1) & (found[3] <= 0.2) & (found[4] == 3)
    ndvi = (nir - red) / (nir + red)
    dates.append({'date': date, 'covers': np.bincount(found[4].ravel(), minlength=8).tolist(), 'cloudy': int((found[2] > 0.1).sum()),
                  'shaded': int(((found[2] <= 0.1) & (found[3] > 0.2)).sum()), 'clear_field_pixels': int(clear.sum()),
                  'ndvi_of_fields': float(ndvi[clear].mean())})
with open('coast.json', 'w') as file:
    json.dump({'about': 'Made by make_coast.py', 'red': RED, 'nir': NIR, 'pixels': pixels, 'dates': dates}, file, indent=0)
    file.write('\n')
