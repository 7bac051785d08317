metadata description = 'The Container Apps environment of the GPU app.'

import { gpu } from 'types.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('What makes names unique.')
param token string

@description('The GPU.')
param gpuType gpu

@description('Name of the network that alone reaches it; empty: the internet does. It can not be changed later.')
param networkName string

@description('Name of the workspace that gets the logs.')
param workspaceName string

var isPrivate = !empty(networkName)

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = if (isPrivate) {
  name: networkName

  resource subnet 'subnets' existing = {
    name: 'containers'
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  // Names differ, since an environment can not move between the two kinds of network.
  name: isPrivate ? 'cae-${token}-vnet' : 'cae-${token}'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: { destination: 'azure-monitor' }
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    vnetConfiguration: isPrivate ? { infrastructureSubnetId: network::subnet.id, internal: true } : null
    workloadProfiles: [
      { name: 'Consumption', workloadProfileType: 'Consumption' }
      {
        name: 'gpu'
        workloadProfileType: gpuType == 'A100' ? 'Consumption-GPU-NC24-A100' : 'Consumption-GPU-NC8as-T4'
      }
    ]
    zoneRedundant: false
  }
}

#disable-next-line use-recent-api-versions // the newest there is
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: environment
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id of the environment.')
output id string = environment.id

@description('The domain below which its apps are.')
output defaultDomain string = environment.properties.defaultDomain

@description('Its address in the network.')
output staticIp string = environment.properties.staticIp
