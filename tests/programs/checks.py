"""What each program computed, printed so that two interpreters can be compared.

Most of these programs throw their results away. After a program has run, its check reads the state it left, or calls
its own functions once more and prints what they return: floats by repr, so that the last bit counts. A program that
checks itself (hexiom, pyflate, mdp, meteor_contest) raises when it is wrong; its result is printed all the same.
"""


def nbody(main, result):
    print(main.report_energy())
    print(main.SYSTEM)


def richards(main, result):
    area = main.taskWorkArea
    print(result, area.holdCount, area.qpktCount)


def fannkuch(main, result):
    print(result, [main.fannkuch(n) for n in range(3, 8)])


def deltablue(main, result):
    # It prints a line for each wrong answer; each part leaves its planner, whose mark counts the searches made.
    print(main.planner.current_mark)
    for size in (1, 12, 40):
        main.chain_test(size)
        print(main.planner.current_mark)
        main.projection_test(size)
        print(main.planner.current_mark)


def chaos(main, result):
    # The picture itself is compared as a file.
    point = main.GVector(1.25, 2.5, 0.0)
    print(point.dist(main.GVector(3.0, 4.0, 1.0)), str(point.linear_combination(main.GVector(3.0, 4.0, 1.0), 0.3)))


def float(main, result):
    print(repr(result))


def go(main, result):
    import random
    print(result, random.random())
    print(main.to_xy(result))


def hexiom(main, result):
    import io
    for level in (2, 10, 20):
        stream = io.StringIO()
        main.solve_file(main.LEVELS[level][0].strip(), main.Done.FIRST_STRATEGY, main.DESCENDING, stream)
        print(stream.getvalue())


def nqueens(main, result):
    print(list(main.n_queens(6)))
    print(len(list(main.n_queens(7))), list(main.permutations(range(4), 2)))


def spectral_norm(main, result):
    u = [1] * 30
    for _ in range(5):
        v = main.eval_AtA_times_u(u)
        u = main.eval_AtA_times_u(v)
    print(u, v)


def raytrace(main, result):
    # The picture itself is compared as a file.
    ray = main.Ray(main.Point(1, 2, 3), main.Vector(0.5, -1, 4))
    print(main.Sphere(main.Point(1, 2, 9), 2).intersectionTime(ray), main.Halfspace(main.Point(0, 0, 0), main.Vector.UP)
          .intersectionTime(ray))


def pyflate(main, result):
    import hashlib
    import os
    name = os.path.join(os.path.dirname(main.__file__), "data", "interpreter.tar.bz2")
    with open(name, "rb") as file:
        field = main.RBitfield(file)
        print(hex(field.readbits(16)))
        out = main.bzip2_main(field)
    print(len(out), hashlib.sha256(out).hexdigest())


def generators(main, result):
    tree = main.tree(range(1000))
    print(sum(tree), list(main.tree(range(20))))
    walk = iter(tree)
    print([next(walk) for _ in range(5)])
    walk.close()
    print(list(walk))


def comprehensions(main, result):
    widgets = main.make_some_widgets()
    for owner in range(3):
        print([(w.widget_id, w.kind, w.derived_widget_ids) for w in main.WidgetTray(owner, widgets).sorted_widgets])
    print(widgets[7])


def unpack_sequence(main, result):
    # Its 400 unpackings keep nothing; what they would refuse shows that the length is looked at.
    for wrong in ((1, 2), list(range(11))):
        try:
            main.do_unpacking(1, wrong)
        except ValueError as error:
            print(error)


def scimark_fft(main, result):
    data = main.Random(7).RandomVector(32)
    main.FFT_transform(32, data)
    print(list(data))
    main.FFT_inverse(32, data)
    print(list(data))


def scimark_lu(main, result):
    import array
    matrix = main.Random(7).RandomMatrix(main.ArrayList(8, 8))
    lu, pivot = main.ArrayList(8, 8), array.array("i", [0]) * 8
    main.LU(lu, matrix, pivot)
    print([[lu[x, y] for x in range(8)] for y in range(8)], pivot)


def scimark_monte_carlo(main, result):
    print(main.MonteCarlo(5000))


def scimark_sor(main, result):
    grid = main.Random(7).RandomMatrix(main.Array2D(12, 12))
    main.SOR_execute(1.25, grid, 6, main.Array2D)
    print([grid[x, y] for x, y in grid.indexes()])


def scimark_sparse_mat_mult(main, result):
    import array
    y = array.array("d", [0]) * 4
    main.SparseCompRow_matmult(4, y, [1.5, 2.25, -3.0, 0.1], [0, 1, 2, 3, 4], [0, 2, 1, 3], [0.3, 0.7, 0.9, 1.1], 3)
    print(y)


def mdp(main, result):
    print(main.Battle().evaluate(0.192))


def meteor_contest(main, result):
    board, cti, pieces = main.get_puzzle(main.WIDTH, main.HEIGHT)
    footprints = main.get_footprints(board, cti, pieces)
    print([sorted(map(sorted, piece)) for piece in footprints[3]])
    solutions = []
    main.solve(20, 0, frozenset(range(len(board))), [-1] * len(board), list(range(len(pieces))), solutions,
               footprints, main.get_senh(board, cti))
    print(solutions)


def quadtree_nbody(main, result):
    particles = main.create_deterministic_galaxy(40, 500.0, 400.0)
    print(main.calculate_system_energy(particles))
    for _ in range(5):
        main.advance_system(particles, main.DEFAULT_THETA, main.TIME_STEP, 1000, 800)
    print([(p.position.x, p.position.y, p.velocity.x, p.velocity.y) for p in particles])


def coroutines(main, result):
    def drive(coroutine):
        try:
            while True:
                coroutine.send(None)
        except StopIteration as stop:
            return stop.value

    print([drive(main.fibonacci(n)) for n in range(16)])


def check(name, main, result):
    if name not in globals():
        raise NotImplementedError("no check for the program " + name)
    print("check", name)
    globals()[name](main, result)
