"""Counts what makes max-pool gradients tell engines apart: windows with nothing but zeros."""

import numpy as np


def zero_windows(before, gradient_after, gradient_before):
    """Over all 2x2/2 windows: how many are all zero, and how many of those get gradient from above.

    `firstCellGetsAll`: in every such window TensorFlow sends the gradient to the first cell (row by
    row), as for any other tie; an engine that drops it differs from TensorFlow there.
    """
    windows = _windows(before)
    silent = (windows == 0).all(0)
    fed = silent & (gradient_after != 0)
    back = _windows(gradient_before)
    first_gets_all = (back[0][fed] == gradient_after[fed]).all() and (back[1:][:, fed] == 0).all()
    return {
        "windows": int(silent.size),
        "allZero": int(silent.sum()),
        "allZeroWithGradient": int(fed.sum()),
        "firstCellGetsAll": bool(first_gets_all),
        "zeroCells": float(f"{(before == 0).mean():.4g}"),
    }


def nearest_tie(before):
    """The least distance between the two largest cells of a 2x2/2 window; zeros are as far as they are
    from being anything else, so windows of nothing else are left out."""
    second, largest = np.sort(_windows(before), 0)[-2:]
    return (largest - second)[largest > 0].min()


def _windows(array):
    """[4, h/2, w/2, K]: the cells of each window in row-major order; an odd last line is left out."""
    height, width = array.shape[0] // 2 * 2, array.shape[1] // 2 * 2
    a = array[:height, :width]
    return np.stack([a[0::2, 0::2], a[0::2, 1::2], a[1::2, 0::2], a[1::2, 1::2]])
