"""Which poolings the op fixtures hold: windows full of zeros, ties, windows over the border."""

from itertools import product

from op_case import Case

SIZES = {"odd": [1, 7, 9, 2], "even": [1, 8, 6, 2]}
PADDINGS = ("same", "valid")


def max_pooling():
    cases = []
    windows = (([2, 2], 2), ([3, 3], 2), ([3, 3], 1), ([1, 1], 2))
    for (pool, stride), padding, size, data in product(
        windows, PADDINGS, SIZES, ("integers", "rectified")
    ):
        attributes = {"pool_size": pool, "strides": [stride, stride], "padding": padding}
        name = f"{pool[0]}x{pool[1]}-s{stride}-{padding}-{size}-{data}"
        cases.append(Case(name, "MaxPooling2D", attributes, [SIZES[size]], data))
    for padding in PADDINGS:
        attributes = {"pool_size": [2, 3], "strides": [1, 2], "padding": padding}
        cases.append(
            Case(
                f"2x3-s1x2-{padding}-integers",
                "MaxPooling2D",
                attributes,
                [[2, 5, 6, 1]],
                "integers",
            )
        )
    # All zeros, and all the same negative number: nothing but ties.
    attributes = {"pool_size": [3, 3], "strides": [2, 2], "padding": "same"}
    cases.append(Case("3x3-s2-same-zeros", "MaxPooling2D", attributes, [[1, 6, 6, 1]], "zeros"))
    cases.append(
        Case("3x3-s2-same-minus-one", "MaxPooling2D", attributes, [[1, 6, 6, 1]], "minus-one")
    )
    return cases


def average_pooling():
    cases = []
    windows = (([2, 2], 2), ([3, 3], 2), ([3, 3], 1), ([2, 3], 1))
    for (pool, stride), padding, size in product(windows, PADDINGS, SIZES):
        attributes = {"pool_size": pool, "strides": [stride, stride], "padding": padding}
        name = f"{pool[0]}x{pool[1]}-s{stride}-{padding}-{size}"
        cases.append(Case(name, "AveragePooling2D", attributes, [SIZES[size]]))
    return cases


def global_pooling():
    cases = []
    for op, data in product(
        ("GlobalAveragePooling2D", "GlobalMaxPooling2D"), ("normal", "rectified")
    ):
        for keep in (False, True):
            name = f"{op}-{data}{'-keepdims' if keep else ''}"
            cases.append(Case(name, op, {"keepdims": keep}, [[1, 5, 4, 3]], data))
    # TensorFlow shares the gradient of a tied global maximum among all that hold it.
    cases.append(
        Case("GlobalMaxPooling2D-ties", "GlobalMaxPooling2D", {}, [[1, 4, 4, 3]], "integers")
    )
    return cases
