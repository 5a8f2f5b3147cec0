# The helper and the hook of packaging/quickstart, with paths of their own, so
# that the demonstration touches no installed one. Its directories have to
# belong to root all the way up, and none may be mounted nosuid.
set(CPI_TEST_PREFIX ${CPI_QUICKSTART_PREFIX})
set(CPI_CPU_MOUNTS "{\"/sys/fs/cgroup/cpu,cpuacct\", 1, CGROUP_SUPER_MAGIC}, \
{\"/sys/fs/cgroup/cpu\", 1, CGROUP_SUPER_MAGIC}, \
{\"/sys/fs/cgroup\", 2, CGROUP2_SUPER_MAGIC}")
set(CPI_UNIFIED_MOUNTS "{\"/sys/fs/cgroup\", 2, CGROUP2_SUPER_MAGIC}, \
{\"/sys/fs/cgroup/unified\", 2, CGROUP2_SUPER_MAGIC}")
set(paths ${CMAKE_CURRENT_BINARY_DIR}/quickstart_paths.cc)
configure_file(tests/actuator/test_paths.cc.in ${paths} @ONLY)
cpi_actuator_program(quickstart-actuator cpi_actuator_main ${paths})
cpi_actuator_program(quickstart-hook cpi_hook_main ${paths})
