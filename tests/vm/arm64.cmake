# Cross-builds for arm64 with Debian's compiler, against a tree of unpacked
# arm64 packages: -DCPI_SYSROOT=TREE (tests/vm/build.py makes it).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

# libc is the compiler's own, the other libraries are the tree's.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CPI_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${CPI_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
add_compile_options(-isystem ${CPI_SYSROOT}/usr/include)
add_link_options(
  -Wl,-rpath-link,${CPI_SYSROOT}/usr/lib/aarch64-linux-gnu)

# Of the host, as every architecture has them alike.
set(CPI_CHART_JS /usr/share/javascript/chart.js/chart.min.js)
set(CPI_CHART_JS_LICENCE /usr/share/doc/libjs-chart.js/copyright)
